//! What the courier does and refuses, against servers on this machine.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{Receiver, channel},
    time::Instant,
};

use super::*;

/// A server that answers every connection with these bytes; what it was sent.
fn server(answer: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (sender, received) = channel();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut text = String::new();
            let mut buffer = [0; 4096];
            while !text.contains("\"end\"") {
                match stream.read(&mut buffer) {
                    Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
                    _ => break,
                }
            }
            let _ = stream.write_all(answer.as_bytes());
            if sender.send(text).is_err() {
                break;
            }
        }
    });
    (address, received)
}

#[test]
fn posts_json_and_answers_the_status() {
    let (address, received) = server("HTTP/1.1 202 Accepted\r\ncontent-length: 999999999\r\n\r\nendless");
    let courier = Courier::new(true, None).unwrap();
    let begun = Instant::now();
    let status = courier.post(&format!("http://{address}/hook?a=b"), &[("webhook-id", "evt_1")], "\"end\"").unwrap();
    assert_eq!(status, 202);
    assert!(begun.elapsed() < TIMEOUT / 2, "the body of the answer is not waited for");
    let request = received.recv().unwrap().to_lowercase();
    assert!(request.starts_with("post /hook?a=b http/1.1\r\n"), "{request}");
    for header in ["webhook-id: evt_1\r\n", "content-type: application/json\r\n", "user-agent: magicpixels-appliance/"]
    {
        assert!(request.contains(header), "{request}");
    }
}

#[test]
fn redirects_are_answers_and_are_not_followed() {
    let (elsewhere, visits) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let location =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _received) = server(Box::leak(location.into_boxed_str()));
    assert_eq!(Courier::new(true, None).unwrap().post(&format!("http://{address}/"), &[], "\"end\"").unwrap(), 307);
    assert!(visits.try_recv().is_err());
}

#[test]
fn private_addresses_are_refused_however_they_are_spelled() {
    let (address, received) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let courier = Courier::new(false, None).unwrap();
    let port = address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1"] {
        let refused = courier.post(&format!("http://{host}:{port}/"), &[], "\"end\"");
        assert!(matches!(refused, Err(CourierError::Private | CourierError::Failed(_))), "{host}: {refused:?}");
        assert!(host.starts_with("[::1") || matches!(refused, Err(CourierError::Private)), "{host}: {refused:?}");
    }
    assert!(received.try_recv().is_err(), "nobody was connected to");
}

#[test]
fn what_does_not_answer_is_an_error_in_words() {
    let courier = Courier::new(true, None).unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = courier.post(&format!("http://{closed}/"), &[], "{}").unwrap_err().to_string();
    assert!(refused.to_lowercase().contains("refused"), "{refused}");
    let (address, _received) = server("this is no HTTP\r\n\r\n");
    assert!(courier.post(&format!("http://{address}/"), &[], "\"end\"").is_err());
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(HEAD_BYTES_MAX));
    let (address, _received) = server(Box::leak(long.into_boxed_str()));
    assert!(courier.post(&format!("http://{address}/"), &[], "\"end\"").is_err(), "a head without end");
    let missing = Courier::new(true, Some(Path::new("/no/such/file"))).unwrap_err().to_string();
    assert!(missing.contains("/no/such/file"), "{missing}");
}
