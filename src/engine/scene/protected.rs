//! Names that are never depicted: brands, whose goods are shown without their marks, and real people, of whom no
//! likeness is made. Only tables and their lookup.

use std::collections::HashSet;

/// The second of each is what the word means beside the brand, or empty.
const BRANDS: &[(&str, &str)] = &[
    ("iphone", "smartphone"), ("ipad", "smartphone"), ("macbook", "laptop"), ("macbook pro", "laptop"), ("imac", "television"),
    ("airpods", "headphones"), ("apple watch", "watch"), ("galaxy s", "smartphone"), ("kindle", "smartphone"),
    ("playstation", "box"), ("xbox", "box"), ("nintendo switch", "smartphone"), ("gameboy", "smartphone"), ("gopro", "camera"),
    ("polaroid", "camera"), ("leica", "camera"), ("canon", "camera"), ("nikon", "camera"), ("nespresso", "coffee machine"),
    ("kitchenaid", "stand mixer"), ("nutella", "jar"), ("tupperware", "box"), ("thermos", ""), ("dyson", ""), ("bialetti", ""),
    ("tesla", "car"), ("ferrari", "sports car"), ("lamborghini", "sports car"), ("porsche", "sports car"), ("bmw", "car"),
    ("mercedes", "car"), ("mercedes benz", "car"), ("audi", "car"), ("volkswagen", "car"), ("vw", "car"), ("toyota", "car"),
    ("honda", "car"), ("ford", "car"), ("ford mustang", "sports car"), ("mustang", "sports car"), ("chevrolet", "car"),
    ("corvette", "sports car"), ("bugatti", "sports car"), ("mclaren", "sports car"), ("jaguar car", "car"), ("volvo", "car"),
    ("fiat", "car"), ("jeep", "suv"), ("rolls royce", "car"), ("bentley", "car"), ("mini cooper", "car"),
    ("harley davidson", "motorcycle"), ("harley", "motorcycle"), ("ducati", "motorcycle"), ("yamaha", "motorcycle"),
    ("kawasaki", "motorcycle"), ("vespa", "scooter"), ("boeing", "airplane"), ("airbus", "airplane"),
    ("coca cola", "can"), ("coke", "can"), ("pepsi", "can"), ("red bull", "can"), ("fanta", "can"), ("sprite", "can"),
    ("monster energy", "can"), ("heineken", "beer bottle"), ("budweiser", "beer bottle"), ("corona beer", "beer bottle"),
    ("guinness", "beer"), ("jack daniels", "bottle"), ("johnnie walker", "bottle"), ("absolut", "bottle"), ("bacardi", "bottle"),
    ("moet", "champagne bottle"), ("dom perignon", "champagne bottle"), ("evian", "water bottle"), ("perrier", "water bottle"),
    ("big mac", "burger"), ("whopper", "burger"), ("oreo", "cookie"), ("kitkat", "chocolate"), ("toblerone", "chocolate"),
    ("rolex", "watch"), ("omega watch", "watch"), ("cartier", ""), ("tiffany", ""), ("pandora", ""), ("swarovski", ""),
    ("nike", ""), ("air jordan", "sneakers"), ("air jordans", "sneakers"), ("jordans", "sneakers"), ("adidas", ""), ("puma shoes", "sneakers"),
    ("converse", "sneakers"), ("vans", "sneakers"), ("new balance", ""), ("reebok", ""), ("birkin", "handbag"), ("birkin bag", "handbag"),
    ("ikea", ""), ("starbucks", ""), ("chanel", ""), ("chanel no 5", "perfume"), ("dior", ""), ("gucci", ""), ("louis vuitton", ""),
    ("prada", ""), ("versace", ""), ("burberry", ""), ("balenciaga", ""), ("ray ban", ""), ("ray bans", "sunglasses"),
    ("hermes", ""), ("zara", ""), ("supreme", ""), ("levis", ""), ("north face", ""), ("patagonia jacket", ""),
    ("samsung", ""), ("sony", ""), ("huawei", ""), ("google", ""), ("microsoft", ""), ("facebook", ""), ("instagram", ""),
    ("tiktok", ""), ("youtube", ""), ("amazon", ""), ("netflix", ""), ("whatsapp", ""), ("bose", ""), ("jbl", ""), ("bang olufsen", ""),
    ("lego", ""), ("lego brick", "cube"), ("lego bricks", "cube"), ("barbie", "doll"), ("hello kitty", "cat"), ("pikachu", ""),
    ("pokemon", ""), ("mickey mouse", "mouse"), ("minnie mouse", "mouse"), ("donald duck", "duck"), ("snoopy", "dog"),
    ("disney", ""), ("pixar", ""), ("marvel", ""), ("batman", ""), ("superman", ""), ("spiderman", ""), ("spider man", ""),
    ("iron man", ""), ("darth vader", ""), ("star wars", ""), ("harry potter", ""), ("super mario", ""), ("mario kart", ""),
    ("sonic the hedgehog", ""), ("yoda", ""), ("r2d2", "robot"), ("r2 d2", "robot"), ("shrek", ""), ("winnie the pooh", "teddy bear"),
    ("mcdonalds", ""), ("burger king", ""), ("kfc", ""), ("subway sandwich", "sandwich"), ("dominos", ""), ("nestle", ""),
    ("fender", ""), ("gibson", ""), ("stratocaster", "electric guitar"), ("les paul", "electric guitar"), ("steinway", "grand piano"),
    ("winchester", ""), ("le creuset", ""), ("pyrex", ""), ("hydro flask", "water bottle"), ("stanley cup", "cup"), ("yeti", ""),
    ("loreal", ""), ("nivea", ""), ("maybelline", ""), ("estee lauder", ""), ("aesop", ""), ("yves saint laurent", ""), ("ysl", ""),
];

/// Public figures by the names they are asked for. Painters who are styles are in the lexicon.
const PEOPLE: &[&str] = &[
    "taylor swift", "elon musk", "donald trump", "joe biden", "barack obama", "michelle obama", "kamala harris", "hillary clinton",
    "bill clinton", "george bush", "vladimir putin", "volodymyr zelensky", "xi jinping", "angela merkel", "olaf scholz",
    "emmanuel macron", "boris johnson", "keir starmer", "rishi sunak", "narendra modi", "justin trudeau", "kim jong un",
    "benjamin netanyahu", "recep tayyip erdogan", "pope francis", "the pope", "dalai lama", "queen elizabeth", "king charles",
    "prince william", "prince harry", "kate middleton", "meghan markle", "princess diana", "jeff bezos", "bill gates",
    "mark zuckerberg", "steve jobs", "tim cook", "sam altman", "warren buffett", "jack ma", "greta thunberg", "malala",
    "nelson mandela", "mahatma gandhi", "gandhi", "martin luther king", "john f kennedy", "abraham lincoln", "winston churchill",
    "adolf hitler", "hitler", "stalin", "napoleon", "che guevara", "albert einstein", "einstein", "stephen hawking", "marie curie",
    "nikola tesla", "isaac newton", "charles darwin", "sigmund freud", "neil armstrong", "oprah", "oprah winfrey", "beyonce",
    "rihanna", "lady gaga", "madonna", "adele", "ed sheeran", "justin bieber", "billie eilish", "ariana grande", "katy perry",
    "selena gomez", "kanye west", "kim kardashian", "kylie jenner", "kendall jenner", "drake", "eminem", "jay z", "snoop dogg",
    "dua lipa", "harry styles", "shakira", "bad bunny", "michael jackson", "elvis", "elvis presley", "freddie mercury",
    "david bowie", "john lennon", "paul mccartney", "mick jagger", "bob marley", "bob dylan", "kurt cobain", "prince rogers nelson",
    "whitney houston", "amy winehouse", "frank sinatra", "johnny cash", "dolly parton", "marilyn monroe", "audrey hepburn",
    "tom cruise", "brad pitt", "angelina jolie", "leonardo dicaprio", "johnny depp", "scarlett johansson", "emma watson",
    "emma stone", "jennifer lawrence", "jennifer aniston", "margot robbie", "ryan gosling", "ryan reynolds", "robert downey jr",
    "chris hemsworth", "chris evans", "tom hanks", "morgan freeman", "denzel washington", "will smith", "dwayne johnson", "the rock johnson",
    "arnold schwarzenegger", "sylvester stallone", "bruce lee", "jackie chan", "keanu reeves", "nicolas cage", "al pacino",
    "robert de niro", "meryl streep", "natalie portman", "anne hathaway", "zendaya", "timothee chalamet", "pedro pascal",
    "gal gadot", "daniel craig", "benedict cumberbatch", "george clooney", "julia roberts", "sandra bullock", "charlie chaplin",
    "lionel messi", "messi", "cristiano ronaldo", "ronaldo", "neymar", "kylian mbappe", "david beckham", "zinedine zidane",
    "diego maradona", "pele", "lebron james", "michael jordan", "kobe bryant", "stephen curry", "serena williams", "roger federer",
    "rafael nadal", "novak djokovic", "tiger woods", "usain bolt", "muhammad ali", "mike tyson", "lewis hamilton", "max verstappen",
    "michael schumacher", "simone biles", "tom brady", "mrbeast", "pewdiepie", "joe rogan", "andrew tate", "jesus christ",
    "julius caesar", "cleopatra", "anna wintour", "karl lagerfeld", "gordon ramsay", "jamie oliver", "j k rowling", "stephen king",
    "quentin tarantino", "steven spielberg", "wes anderson", "tim burton", "greg rutkowski", "banksy", "annie leibovitz",
    "peter lindbergh", "ansel adams", "damien hirst", "jeff koons", "yayoi kusama", "takashi murakami", "hayao miyazaki",
];

/// First names that, before another capitalised word, make the name of a person. None is a word of its own.
const FIRST_NAMES: &[&str] = &[
    "james", "john", "robert", "michael", "william", "david", "richard", "joseph", "thomas", "charles", "christopher", "daniel",
    "matthew", "anthony", "donald", "steven", "paul", "andrew", "joshua", "kenneth", "kevin", "brian", "george", "timothy",
    "ronald", "edward", "jason", "jeffrey", "ryan", "jacob", "nicholas", "eric", "jonathan", "stephen", "larry", "justin",
    "scott", "brandon", "benjamin", "samuel", "gregory", "alexander", "patrick", "dennis", "jerry", "tyler", "aaron", "henry",
    "adam", "peter", "nathan", "walter", "kyle", "harold", "carl", "arthur", "roger", "keith", "jeremy", "lawrence", "sean",
    "mary", "patricia", "jennifer", "linda", "elizabeth", "barbara", "susan", "jessica", "sarah", "karen", "lisa", "nancy",
    "betty", "sandra", "margaret", "ashley", "kimberly", "emily", "donna", "michelle", "carol", "amanda", "melissa", "deborah",
    "stephanie", "rebecca", "sharon", "laura", "cynthia", "dorothy", "amy", "kathleen", "angela", "shirley", "emma", "brenda",
    "pamela", "nicole", "anna", "samantha", "katherine", "christine", "helen", "debra", "rachel", "carolyn", "janet", "maria",
    "olivia", "heather", "diane", "julie", "joyce", "victoria", "kelly", "christina", "joan", "evelyn", "lauren", "judith",
    "megan", "andrea", "hannah", "jacqueline", "martha", "gloria", "teresa", "sara", "janice", "julia", "kathryn", "sophia",
    "mohammed", "ahmed", "ali", "fatima", "wei", "juan", "carlos", "luis", "jose", "pedro", "pablo", "diego", "hans", "klaus",
    "jurgen", "stefan", "wolfgang", "pierre", "jean", "francois", "giovanni", "giuseppe", "marco", "ivan", "dmitri", "sergei",
    "olga", "natasha", "yuki", "hiroshi", "kenji", "raj", "priya", "sanjay", "anil", "svetlana", "lukas", "lars", "sven", "ingrid",
];

/// Whether the words are a brand, and the name of what they mean beside that, or an empty string.
pub(super) fn brand(words: &str) -> Option<&'static str> {
    let bare = words.strip_suffix('s').unwrap_or(words);
    BRANDS.iter().find(|(b, _)| *b == words || *b == bare).map(|(_, meaning)| *meaning)
}

/// Whether the words are the name of a public figure.
pub(super) fn is_person(words: &str) -> bool {
    PEOPLE.contains(&words)
}

/// The names of people in a text that no list has: a first name before another capitalised word, in lower case.
pub(super) fn people(text: &str) -> HashSet<String> {
    let is_name = |word: &str| word.chars().next().is_some_and(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase);
    let words: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let pairs = words.windows(2).filter(|pair| pair.iter().all(|word| is_name(word)));
    let lower = pairs.map(|pair| (pair[0].to_lowercase(), pair[1].to_lowercase()));
    lower.filter(|(first, _)| FIRST_NAMES.contains(&first.as_str())).map(|(a, b)| format!("{a} {b}")).collect()
}

#[cfg(test)]
pub(super) fn brands() -> &'static [(&'static str, &'static str)] {
    BRANDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_and_people_are_known_and_ordinary_words_are_not() {
        assert_eq!((brand("iphone"), brand("iphones"), brand("nike")), (Some("smartphone"), Some("smartphone"), Some("")));
        assert!(is_person("taylor swift") && !is_person("a taylor"));
        assert_eq!(people("a photo of Helen Smithers on a chair"), HashSet::from(["helen smithers".to_owned()]));
        assert!(people("A Red Chair On A Table, Henry").is_empty() && people("").is_empty());
        for word in ["apple", "orange", "jaguar", "rose", "cup", "tiger"] {
            assert!(brand(word).is_none() && !is_person(word), "{word}");
        }
    }
}
