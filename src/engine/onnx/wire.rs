//! Protocol buffers on the wire, as far as ONNX files need them. Trusts no length.

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of four or eight bytes.
    Fixed,
}

impl<'a> Value<'a> {
    pub(super) const fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A field of a message: its number, its value, and all its bytes.
pub(super) type Field<'a> = (u64, Value<'a>, &'a [u8]);

/// The fields of a message; ends at the first that makes no sense.
pub(super) fn fields(mut data: &[u8]) -> impl Iterator<Item = Field<'_>> {
    std::iter::from_fn(move || {
        let whole = data;
        let key = varint(&mut data)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut data)?),
            kind @ (1 | 5) => {
                data = data.get(if kind == 1 { 8 } else { 4 }..)?;
                Value::Fixed
            }
            2 => {
                let length = usize::try_from(varint(&mut data)?).ok()?;
                let (body, rest) = data.split_at_checked(length)?;
                data = rest;
                Value::Bytes(body)
            }
            _ => return None,
        };
        Some((key >> 3, value, &whole[..whole.len() - data.len()]))
    })
}

fn varint(data: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The bodies of all fields of that number.
pub(super) fn all(message: &[u8], wanted: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).filter_map(move |(number, value, _)| value.bytes().filter(|_| number == wanted))
}

/// The body of the first field of that number.
pub(super) fn first(message: &[u8], wanted: u64) -> Option<&[u8]> {
    all(message, wanted).next()
}

/// The text of the first field of that number.
pub(super) fn text(message: &[u8], wanted: u64) -> Option<&str> {
    std::str::from_utf8(first(message, wanted)?).ok()
}

/// The numbers of that field, one by one or packed.
pub(super) fn numbers(message: &[u8], wanted: u64) -> Vec<u64> {
    let mut found = Vec::new();
    for (_, value, _) in fields(message).filter(|(number, ..)| *number == wanted) {
        match value {
            Value::Number(number) => found.push(number),
            Value::Bytes(mut packed) => found.extend(std::iter::from_fn(|| varint(&mut packed))),
            Value::Fixed => {}
        }
    }
    found
}

/// Appends a field of bytes: text, a message, a packed list.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u64, body: &[u8]) {
    put_varint(out, number << 3 | 2);
    put_varint(out, body.len() as u64);
    out.extend_from_slice(body);
}

/// Appends a field of one number.
pub(super) fn put_number(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number << 3);
    put_varint(out, value);
}

/// Appends a field of one 32-bit float.
pub(super) fn put_float(out: &mut Vec<u8>, number: u64, value: f32) {
    put_varint(out, number << 3 | 5);
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut message = Vec::new();
        put_bytes(&mut message, 7, &[3, 0xAC, 0x02]);
        put_float(&mut message, 2, 1.0);
        put_number(&mut message, 300, u64::MAX);
        put_number(&mut message, 7, 5);
        assert_eq!(numbers(&message, 7), [3, 300, 5], "packed and one by one");
        assert_eq!(numbers(&message, 300), [u64::MAX]);
        assert_eq!(fields(&message).map(|(_, _, raw)| raw.len()).sum::<usize>(), message.len());
        for length in 0..message.len() {
            assert!(fields(&message[..length]).count() < 4);
        }
    }
}
