//! A browser as far as a sign-in needs one: cookies, forms, and redirects that a test follows one by one.

use std::collections::BTreeMap;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};

/// More than any sign-in takes.
const MOST_REDIRECTS: usize = 12;

/// Cookies, and where they are sent: all sites of a test are on this machine, whose ports share them.
pub struct Browser {
    http: Client,
    pub cookies: BTreeMap<String, String>,
}

/// A page.
pub struct Page {
    pub status: u16,
    pub location: Option<String>,
    pub text: String,
}

impl Browser {
    pub fn new() -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { http, cookies: BTreeMap::new() }
    }

    /// Gets one page, and follows nothing.
    pub async fn get(&mut self, url: &str) -> Page {
        let request = self.http.get(url).header("cookie", self.cookie_header());
        self.take(url, request.send().await.expect("an answer")).await
    }

    /// Sends a form as a page of this origin does.
    pub async fn post(&mut self, url: &str, origin: &str, form: &str) -> Page {
        let request = self.http.post(url).header("cookie", self.cookie_header()).header("origin", origin);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.take(url, request.body(form.to_owned()).send().await.expect("an answer")).await
    }

    /// Follows redirects from an address until a page, or until one leads to an address like this.
    pub async fn follow(&mut self, from: &str, until: &str) -> Result<Page, String> {
        let mut url = from.to_owned();
        for _ in 0..MOST_REDIRECTS {
            if url.contains(until) {
                return Err(url);
            }
            let page = self.get(&url).await;
            match page.location.clone() {
                Some(next) => url = next,
                None => return Ok(page),
            }
        }
        panic!("redirects without end, at last to {url}");
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    async fn take(&mut self, url: &str, response: Response) -> Page {
        for line in response.headers().get_all("set-cookie") {
            let line = line.to_str().expect("text");
            let (name, value) =
                line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let location = response.headers().get("location").map(|it| it.to_str().expect("text"));
        let location = location.map(|to| absolute(url, to));
        let status = response.status().as_u16();
        Page { status, location, text: response.text().await.expect("text") }
    }
}

/// Returns an address in full; the console and the provider write paths and full addresses.
fn absolute(base: &str, to: &str) -> String {
    let origin: Vec<_> = base.splitn(4, '/').take(3).collect();
    if to.starts_with('/') { format!("{}{to}", origin.join("/")) } else { to.to_owned() }
}
