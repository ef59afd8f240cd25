//! The nearest of the words that would have been valid.

/// At most `most` of `words` that are nearest to `word`, the nearest first; those too far off are left out.
pub fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<String> {
    let wanted = word.to_lowercase();
    let mut near: Vec<(usize, &str)> = vec![];
    for candidate in words {
        let lower = candidate.to_lowercase();
        let distance = strsim::osa_distance(&wanted, &lower);
        let limit = wanted.chars().count().max(lower.chars().count()) / 3;
        let begins = wanted.chars().count() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
        if distance <= limit.max(1) || begins {
            near.push((distance, candidate));
        }
    }
    near.sort_unstable();
    near.into_iter().take(most).map(|(_, word)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_beginnings_are_near_and_other_words_are_not() {
        let words = ["redeploy", "scale", "rollback"];
        for (word, near) in
            [("redploy", &["redeploy"][..]), ("roll", &["rollback"]), ("Scale", &["scale"]), ("park", &[]), ("", &[])]
        {
            assert_eq!(nearest(word, words, 3), near, "{word}");
        }
    }
}
