//! What the pages cost: bytes over the wire, work until they are painted.

use std::{fs, path::Path};

use reqwest::Method;

use crate::server::{Answer, Server};

/// The whole interface as a browser gets it.
const INTERFACE_BYTES_MAX: usize = 150 << 10;

fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
            found.push(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_interface_comes_in_150_kilobytes() {
    let server = Server::start().await;
    let mut names = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets"), &mut names);
    let mut sizes = Vec::new();
    for name in &names {
        let request = server.stranger().request(Method::GET, &format!("/static/{name}"));
        let answer = Answer::read(request.header("accept-encoding", "gzip, deflate, br, zstd")).await;
        assert_eq!(answer.status, 200, "{name}");
        sizes.push((answer.body.len(), name));
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let sum: usize = sizes.iter().map(|(bytes, _)| bytes).sum();
    println!("{} files, {sum} bytes; the largest: {:?}", sizes.len(), &sizes[..sizes.len().min(8)]);
    assert!(sum <= INTERFACE_BYTES_MAX, "{sum} bytes: {sizes:?}");
}
