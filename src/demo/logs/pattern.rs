//! Filter patterns; only plain terms are supported.

use super::ApiError;

/// Terms that a message must all have, must not have, or must have at least one of. Case-sensitive.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    every: Vec<String>,
    none: Vec<String>,
    any: Vec<String>,
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// `InvalidParameterException` for patterns other than plain terms (JSON, columns, regular expressions), and for
    /// unquoted terms with characters other than letters, digits and `_`.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let text = text.trim();
        if text.starts_with(['{', '[']) || text.contains('%') {
            return Err(ApiError::invalid_parameter("The embedded AWS supports filter patterns of plain terms only."));
        }
        let (mut pattern, mut rest) = (Self::default(), text);
        while !rest.is_empty() {
            let (terms, bare) = match rest.split_at_checked(1) {
                Some(("?", bare)) => (&mut pattern.any, bare),
                Some(("-", bare)) => (&mut pattern.none, bare),
                _ => (&mut pattern.every, rest),
            };
            let (term, after) = term(bare)?;
            terms.push(term);
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message matches. AWS ignores terms with `?` beside other terms.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term);
        let alone = self.every.is_empty() && self.none.is_empty() && !self.any.is_empty();
        self.every.iter().all(has) && !self.none.iter().any(has) && (!alone || self.any.iter().any(has))
    }
}

/// The first term of `text`, and the text after it.
fn term(text: &str) -> Result<(String, &str), ApiError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (term, rest) = text.split_at(end);
        if term.is_empty() || !term.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
            return Err(ApiError::invalid_parameter(format!("Invalid character(s) in term '{term}'")));
        }
        return Ok((term.to_owned(), rest));
    };
    let (mut term, mut escaped) = (String::new(), false);
    for (at, letter) in quoted.char_indices() {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Ok((term, &quoted[at + 1..])),
            _ => {
                escaped = false;
                term.push(letter);
            }
        }
    }
    Err(ApiError::invalid_parameter(format!("Unclosed quotation mark in term '{text}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_terms_match_as_in_aws() {
        let line = "2026-11-20 ERROR payment \"declined\" code=51";
        for (pattern, fits) in [
            ("", true),
            ("ERROR", true),
            ("error", false),
            ("ERROR payment", true),
            ("payment ERROR", true),
            ("ERROR refund", false),
            ("ERR", true),
            ("\"ERROR payment\"", true),
            ("\"payment ERROR\"", false),
            ("\"code=51\"", true),
            ("\"\\\"declined\\\"\"", true),
            ("-refund", true),
            ("-payment", false),
            ("ERROR -\"code=51\"", false),
            ("?refund ?payment", true),
            ("?refund ?chargeback", false),
            ("ERROR ?refund", true),
        ] {
            assert_eq!(Pattern::parse(pattern).map(|pattern| pattern.matches(line)), Ok(fits), "{pattern}");
        }
    }

    #[test]
    fn patterns_other_than_plain_terms_are_refused() {
        for pattern in ["{ $.level = \"error\" }", "[ip, user]", "%E[0-9]+%", "code=51", "\"open", "-", "?", "a \"b"] {
            let refused = Pattern::parse(pattern).map_err(|error| error.code);
            assert_eq!(refused, Err("InvalidParameterException"), "{pattern}");
        }
    }
}
