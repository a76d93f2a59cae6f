//! The appliance talks to nobody: while models load and run, its process has no socket but its own port's.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::instance::{Client, Instance};

/// Sockets of the network families by inode: table, local and remote address as the kernel prints them.
fn network_sockets() -> BTreeMap<u64, String> {
    let mut sockets = BTreeMap::new();
    for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "icmp", "packet"] {
        let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let inode = if table == "packet" { fields.get(8) } else { fields.get(9) };
            if let Some(inode) = inode.and_then(|inode| inode.parse().ok()) {
                sockets.insert(inode, format!("{table} {} -> {}", fields[1], fields[2]));
            }
        }
    }
    sockets
}

/// The network sockets of a process.
fn sockets_of(pid: u32) -> Vec<String> {
    let open: Vec<u64> = fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
        .collect();
    let sockets = network_sockets();
    open.iter().filter_map(|inode| sockets.get(inode).cloned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_socket_is_opened_but_its_own() {
    let instance = Instance::with_credits(5);
    let key = instance.key();
    let server = instance.serve(None);
    let port: u16 = server.url.rsplit(':').next().unwrap().parse().unwrap();
    let own = format!("tcp 0100007F:{port:04X} ");
    let client = Client { url: server.url.clone(), key };
    let body = json!({"mode": "audio", "voice_text": "Nobody listens.", "voice_id": "hibari"});
    let (status, job) = client.send(reqwest::Method::POST, "/v1/jobs", Some(&body)).await;
    assert_eq!(status, 201, "{job}");
    let mut looks = 0;
    let until = Instant::now() + Duration::from_secs(6);
    let mut seen_listening = false;
    // A busy machine looks less often: so it looks for longer.
    while Instant::now() < until || looks <= 50 {
        for socket in sockets_of(server.child.id()) {
            assert!(socket.starts_with(&own), "a foreign socket: {socket}");
            seen_listening |= socket.ends_with("00000000:0000");
        }
        looks += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(seen_listening && looks > 50, "the look itself must work: {looks} looks");
    assert_eq!(client.finish(job["id"].as_str().unwrap()).await["status"], "completed");
}
