//! A prompt cut into its wishes: clauses, and whether each is wanted or ruled out.
//!
//! "Calm and smiling, but don't nod" is three clauses, the last of them ruled out. Sentence embeddings are nearly
//! blind to negation, so it is read from the words here and taken out of what is embedded.

/// One wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its words, without the one that negates them.
    pub text: String,
    /// Whether it is asked for, rather than ruled out.
    pub is_wanted: bool,
}

/// Words that end a clause and begin another.
const JOINERS: [&str; 12] =
    ["and", "but", "with", "while", "yet", "then", "or", "nor", "plus", "also", "though", "instead"];
/// Words that rule out what follows. Those of the first kind name a thing and reach over an "and".
const NAMING: [&str; 5] = ["no", "without", "avoid", "neither", "zero"];
const DENYING: [&str; 16] = [
    "not",
    "never",
    "don't",
    "dont",
    "doesn't",
    "doesnt",
    "isn't",
    "isnt",
    "aren't",
    "shouldn't",
    "can't",
    "cannot",
    "won't",
    "stop",
    "hardly",
    "skip",
];
/// Words that say nothing by themselves.
const EMPTY: [&str; 14] =
    ["do", "does", "is", "are", "please", "be", "she", "he", "they", "it", "should", "a", "the", "just"];

/// Reads the clauses of `prompt`, in order; none of them is empty.
pub fn split(prompt: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let text = prompt.replace('\u{2019}', "'");
    for sentence in text.split(|c: char| ",;.!?:()[]\"\n\u{2013}\u{2014}/&".contains(c)) {
        // While something is ruled out: whether that reaches over an "and".
        let mut denial: Option<bool> = None;
        let mut words: Vec<&str> = Vec::new();
        let all: Vec<&str> = sentence.split_whitespace().collect();
        for (i, word) in all.iter().enumerate() {
            let lower = word.to_lowercase();
            let is = |list: &[&str]| list.contains(&lower.as_str());
            let is_denial = is(&DENYING) && all.get(i + 1).is_none_or(|next| !next.eq_ignore_ascii_case("only"));
            if is(&JOINERS) {
                finish(&mut words, denial, &mut clauses);
                denial = denial.filter(|&reaches| is(&["or", "nor"]) || reaches && is(&["and", "plus", "also"]));
            } else if is(&NAMING) || is_denial {
                finish(&mut words, denial, &mut clauses);
                denial = Some(is(&NAMING));
            } else {
                words.push(word);
            }
        }
        finish(&mut words, denial, &mut clauses);
    }
    clauses
}

fn finish(words: &mut Vec<&str>, denial: Option<bool>, clauses: &mut Vec<Clause>) {
    if words.iter().any(|word| !EMPTY.contains(&word.to_lowercase().as_str())) {
        clauses.push(Clause { text: words.join(" "), is_wanted: denial.is_none() });
    }
    words.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(prompt: &str) -> Vec<(String, bool)> {
        split(prompt).into_iter().map(|clause| (clause.text, clause.is_wanted)).collect()
    }

    fn expect(prompt: &str, clauses: &[(&str, bool)]) {
        let wanted: Vec<_> = clauses.iter().map(|(text, is_wanted)| ((*text).to_owned(), *is_wanted)).collect();
        assert_eq!(read(prompt), wanted, "{prompt}");
    }

    #[test]
    fn wishes_come_apart() {
        expect("Natural talking-avatar movement", &[("Natural talking-avatar movement", true)]);
        expect("calm, smiling and nodding", &[("calm", true), ("smiling", true), ("nodding", true)]);
        expect("slow zoom in with a warm smile.", &[("slow zoom in", true), ("a warm smile", true)]);
        expect(" , ;and. ", &[]);
        expect("", &[]);
    }

    #[test]
    fn what_is_ruled_out_is_told_apart() {
        expect("don't nod", &[("nod", false)]);
        expect("She should not smile", &[("smile", false)]);
        expect("calm but not static", &[("calm", true), ("static", false)]);
        expect("lively without nodding", &[("lively", true), ("nodding", false)]);
        expect("Don\u{2019}t smile, look serious", &[("smile", false), ("look serious", true)]);
        expect("don't smile and look serious", &[("smile", false), ("look serious", true)]);
        expect("no zooming and nodding", &[("zooming", false), ("nodding", false)]);
        expect("never nod or smile", &[("nod", false), ("smile", false)]);
        expect("not only calm but smiling", &[("not only calm", true), ("smiling", true)]);
    }
}
