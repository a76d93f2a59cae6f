//! Carries one message to one address: the only place from which the appliance connects to anybody.
//!
//! Name resolution, the check that the address is a public one, and the connection are one step, so that a name can't
//! lead elsewhere after it was checked (DNS rebinding). Refuses proxies (they would resolve for us), redirects, kept
//! connections and everything of an answer but its head. TLS is rustls with ring and Mozilla's roots, or the
//! operator's own. Knows nothing of jobs or signatures; permits whatever host it is told: the allow-list is above.

use std::{path::Path, time::Duration};

use ureq::{
    Agent,
    config::Config,
    http::Uri,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

mod address;

pub use address::is_public;

/// Longest time from the look-up of the name to the end of the answer's head.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The host has no address that may be connected to.
    #[error("the host's addresses are private or reserved, which `webhooks.allow_private` does not permit")]
    Private,
    /// Anything else, in the words of the library.
    #[error("{0}")]
    Failed(String),
    /// The operator's file of roots can't be used.
    #[error("webhooks.ca_file: {0}")]
    Roots(String),
}

/// Sends messages.
#[derive(Debug)]
pub struct Courier {
    agent: Agent,
}

impl Courier {
    /// One that connects to private addresses only if `allow_private`, and trusts the roots in the PEM file `roots` in
    /// place of Mozilla's.
    pub fn new(allow_private: bool, roots: Option<&Path>) -> Result<Self, CourierError> {
        let tls = match roots {
            Some(path) => TlsConfig::builder().root_certs(read_roots(path)?).build(),
            None => TlsConfig::default(),
        };
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .max_response_header_size(HEAD_BYTES_MAX)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("MagicPixels-appliance/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let resolver = CheckedResolver { names: DefaultResolver::default(), allow_private };
        Ok(Self { agent: Agent::with_parts(config, DefaultConnector::new(), resolver) })
    }

    /// Posts `body` as JSON with these headers; the answer's status. Its body is not read.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: &str) -> Result<u16, CourierError> {
        let mut request = self.agent.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send(body) {
            Ok(response) => Ok(response.status().as_u16()),
            Err(ureq::Error::Other(cause)) if cause.is::<NoPublicAddress>() => Err(CourierError::Private),
            Err(error) => Err(CourierError::Failed(error.to_string())),
        }
    }
}

fn read_roots(path: &Path) -> Result<RootCerts, CourierError> {
    let say = |what: &dyn std::fmt::Display| CourierError::Roots(format!("{}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| say(&error))?;
    let items: Result<Vec<_>, _> = parse_pem(&pem).collect();
    let roots: Vec<Certificate<'static>> = items
        .map_err(|error| say(&error))?
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if roots.is_empty() { Err(say(&"there is no certificate in it")) } else { Ok(RootCerts::from(roots)) }
}

/// No address of the host may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct NoPublicAddress;

/// Looks names up and keeps the addresses that may be connected to; the connector gets those and no others.
#[derive(Debug)]
struct CheckedResolver {
    names: DefaultResolver,
    allow_private: bool,
}

impl Resolver for CheckedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.allow_private || is_public(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() { Err(ureq::Error::Other(Box::new(NoPublicAddress))) } else { Ok(kept) }
    }
}

#[cfg(test)]
mod tests;
