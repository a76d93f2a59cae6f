//! Keys as the protocol wants to hear of them.

use serde_json::{Value, json};

const ALT: u8 = 1;
const CONTROL: u8 = 2;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// A chord such as `Tab`, `Shift+Tab`, `Control+a` or `x`: the events of pressing and letting go.
pub fn chord(name: &str) -> [Value; 2] {
    let (mut modifiers, mut key) = (0, name);
    while let Some((first, rest)) = key.split_once('+').filter(|(_, rest)| !rest.is_empty()) {
        modifiers |= match first {
            "Alt" => ALT,
            "Control" => CONTROL,
            "Meta" => META,
            "Shift" => SHIFT,
            other => panic!("no modifier {other}"),
        };
        key = rest;
    }
    let (key, code, number) = describe(key);
    let text = match key.as_str() {
        _ if modifiers & (ALT | CONTROL | META) != 0 => None,
        "Enter" => Some("\r".to_owned()),
        single if single.chars().count() == 1 => Some(key.clone()),
        _ => None,
    };
    let mut down = json!({
        "type": if text.is_some() { "keyDown" } else { "rawKeyDown" },
        "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers,
    });
    if let Some(text) = text {
        down["text"] = text.into();
    }
    let command = match (modifiers, key.as_str()) {
        (CONTROL, "a") => Some("selectAll"),
        (CONTROL, "c") => Some("copy"),
        (CONTROL, "v") => Some("paste"),
        _ => None,
    };
    if let Some(command) = command {
        down["commands"] = json!([command]);
    }
    let up = json!({
        "type": "keyUp", "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers,
    });
    [down, up]
}

/// The key's name, its place on the keyboard and its number.
fn describe(key: &str) -> (String, String, u32) {
    let number = match key {
        "Backspace" => 8,
        "Tab" => 9,
        "Enter" => 13,
        "Escape" => 27,
        "PageUp" => 33,
        "PageDown" => 34,
        "End" => 35,
        "Home" => 36,
        "ArrowLeft" => 37,
        "ArrowUp" => 38,
        "ArrowRight" => 39,
        "ArrowDown" => 40,
        "Delete" => 46,
        "Space" | " " => return (" ".into(), "Space".into(), 32),
        _ => {
            let c = key.chars().next().unwrap();
            assert!(key.chars().count() == 1, "no key {key}");
            let upper = c.to_ascii_uppercase();
            let (code, number) = match c {
                'a'..='z' | 'A'..='Z' => (format!("Key{upper}"), u32::from(upper)),
                '0'..='9' => (format!("Digit{c}"), u32::from(c)),
                _ => (String::new(), 0),
            };
            return (key.into(), code, number);
        }
    };
    (key.into(), key.into(), number)
}
