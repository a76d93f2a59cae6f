//! What a person types to find something: words, in whatever case, all of which must occur.

/// The longest search, in characters; what is beyond is not looked at.
const CHARS_MAX: usize = 200;
/// The most words.
const WORDS_MAX: usize = 12;

/// A text as it is searched: in lower case, white space as single spaces.
pub fn fold(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The folded words of a search; none finds everything.
pub fn words(query: &str) -> Vec<String> {
    let query: String = query.chars().take(CHARS_MAX).collect();
    query.split_whitespace().map(str::to_lowercase).take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_folded_texts() {
        let text = fold("A Ceramic  CUP\non ÖLIGEM Steel, 東京の夜");
        assert_eq!(text, "a ceramic cup on öligem steel, 東京の夜");
        for query in ["cup", "Öl ceramic", "東京", "  ", "steel,"] {
            assert!(words(query).iter().all(|word| text.contains(word)), "{query}");
        }
        assert!(!words("cup bronze").iter().all(|word| text.contains(word)));
        assert_eq!(words(&"a ".repeat(500)).len(), WORDS_MAX);
    }
}
