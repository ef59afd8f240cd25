//! A small deterministic random number generator: the same seed always gives the same world.

/// `SplitMix64`: good enough for names and jitter, but not for secrets.
///
/// Source: <https://prng.di.unimi.it/splitmix64.c>
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The sequence for `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence for `words`.
    pub(crate) fn from_words(words: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in words.iter().flat_map(|word| word.bytes().chain([0xff])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(hash)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `limit` − 1; 0 if the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// `count` characters of `alphabet`.
    pub(crate) fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        let size = alphabet.len() as u64;
        (0..count)
            .filter_map(|_| alphabet.get(usize::try_from(self.below(size)).unwrap_or(0)))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// `count` hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize) -> String {
        self.text(b"0123456789abcdef", count)
    }

    /// `count` decimal digits. The first is not 0.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.text(b"123456789", 1) + &self.text(b"0123456789", count.saturating_sub(1))
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let variant = self.text(b"89ab", 1);
        format!("{}-{}-4{}-{variant}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }
}

/// The digest of `image`: the first push of a tag of a repository always has the same digest.
pub(crate) fn digest(image: &str) -> String {
    format!("sha256:{}", Random::from_words(&["image", image]).hex(64))
}
