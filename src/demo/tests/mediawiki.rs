//! The wiki: what it gives out, and what it refuses.

use crate::oauth1::{self, Params, Secrets};

use super::*;

const INDEX: &str = "/mediawiki/w/index.php";

/// A client that signs, and can be told to do it wrongly.
struct Client<'a> {
    provider: &'a Provider,
    consumer: &'a str,
    secret: &'a str,
    /// Seconds that its clock is ahead.
    ahead: i64,
    nonce: String,
}

impl<'a> Client<'a> {
    fn new(provider: &'a Provider) -> Client<'a> {
        let (consumer, secret) = (provider.client_id(), provider.client_secret());
        Client { provider, consumer, secret, ahead: 0, nonce: "1".to_owned() }
    }

    fn header(&self, page: &str, token: (&str, &str), more: &[(&str, &str)]) -> (String, String) {
        let query = encode(&[("title", &format!("Special:OAuth/{page}"))]);
        let timestamp = (super::super::authorize::now() as i64 + self.ahead).to_string();
        let mut protocol: Vec<(&str, &str)> = vec![
            ("oauth_nonce", &self.nonce),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_consumer_key", self.consumer),
        ];
        protocol.extend((!token.0.is_empty()).then_some(("oauth_token", token.0)));
        protocol.extend(more);
        let protocol: Params = protocol.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let secrets = Secrets { consumer: self.secret, token: token.1 };
        let target = format!("{INDEX}?{query}");
        // The tests' requests call the server by this name.
        let header = oauth1::authorization("POST", &format!("http://demo{target}"), &protocol, secrets).unwrap();
        (target, header)
    }

    fn ask(&mut self, page: &str, token: (&str, &str), more: &[(&str, &str)]) -> String {
        let (target, header) = self.header(page, token, more);
        self.nonce.push('1');
        post(self.provider, &target, &[("Authorization", &header)], &[]).body
    }

    fn initiate(&mut self) -> (String, String) {
        pair(&self.ask("initiate", ("", ""), &[("oauth_callback", "oob")]))
    }
}

fn pair(body: &str) -> (String, String) {
    let fields: std::collections::HashMap<String, String> =
        form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).unwrap_or_else(|| panic!("{body}")).clone();
    (field("oauth_token"), field("oauth_token_secret"))
}

fn authenticate(provider: &Provider, token: &str, person: &str) -> Answer {
    let title = ("title", "Special:OAuth/authenticate");
    let query = [title, ("oauth_token", token), ("oauth_consumer_key", provider.client_id()), ("demo_user", person)];
    get(provider, &format!("{INDEX}?{}", encode(&query)), &[])
}

#[test]
fn a_login_gives_a_token_and_an_identity_each_once() {
    let provider = start(|_| {});
    let mut client = Client::new(&provider);
    let (key, secret) = client.initiate();
    let early = client.ask("token", (&key, &secret), &[("oauth_verifier", "guess")]);
    assert!(early.contains("No token was found"), "{early}");
    let allowed = authenticate(&provider, &key, "ada");
    assert_eq!(allowed.status, 303);
    assert!(allowed.header("location").starts_with(&format!("{CALLBACK}?oauth_verifier=")));
    assert_eq!(allowed.sent_back("oauth_token").as_deref(), Some(&*key));
    let verifier = allowed.sent_back("oauth_verifier").unwrap();
    let guessed = client.ask("token", (&key, &secret), &[("oauth_verifier", "guess")]);
    assert!(guessed.contains("verification code"), "{guessed}");
    let unsigned = client.ask("token", (&key, "other"), &[("oauth_verifier", &verifier)]);
    assert!(unsigned.contains("Invalid signature"), "{unsigned}");
    let (access, access_secret) = pair(&client.ask("token", (&key, &secret), &[("oauth_verifier", &verifier)]));
    let again = client.ask("token", (&key, &secret), &[("oauth_verifier", &verifier)]);
    assert!(again.contains("already used"), "{again}");
    let identity = client.ask("identify", (&access, &access_secret), &[]);
    let claims = crate::jwt::claims(&crate::value::Value::str(&identity)).unwrap();
    assert_eq!(claims.get("username").unwrap().to_text(), "Ada Lovelace");
    let stranger = client.ask("identify", ("nobody", &access_secret), &[]);
    assert!(stranger.contains("mwoauthdatastore-access-token-not-found"), "{stranger}");
}

#[test]
fn signatures_nonces_and_timestamps_are_verified() {
    let provider = start(|_| {});
    let callback = [("oauth_callback", "oob")];
    let mut client = Client::new(&provider);
    let (target, header) = client.header("initiate", ("", ""), &callback);
    let send = |target: &str, header: &str| post(&provider, target, &[("Authorization", header)], &[]).body;
    let elsewhere = send(&format!("{target}&more=1"), &header);
    assert!(elsewhere.contains("Invalid signature"), "{elsewhere}");
    // A refused request has used its nonce too.
    assert!(send(&target, &header).contains("Nonce already used"));
    client.nonce = "fresh".to_owned();
    let (target, header) = client.header("initiate", ("", ""), &callback);
    pair(&send(&target, &header));
    assert!(send(&target, &header).contains("Nonce already used"));
    let get = get(&provider, &target, &[("Authorization", &header.replace("fresh", "fresher"))]).body;
    assert!(get.contains("Invalid signature"), "{get}");
    client.nonce = "later".to_owned();
    for (ahead, good) in [(290, true), (-290, true), (400, false), (-400, false)] {
        client.ahead = ahead;
        let answer = client.ask("initiate", ("", ""), &callback);
        assert_eq!(answer.starts_with("oauth_token="), good, "{ahead}: {answer}");
        assert_eq!(answer.contains("Expired timestamp"), !good, "{ahead}: {answer}");
    }
    client.ahead = 0;
    client.secret = "other";
    assert!(client.ask("initiate", ("", ""), &callback).contains("Invalid signature"));
    client.consumer = "nobody";
    assert!(client.ask("initiate", ("", ""), &callback).contains("E006"));
    for header in ["", "Bearer x", "OAuth oauth_nonce", "OAuth a=\"b\", a=\"c\""] {
        let answer = send(&target, header);
        assert!(answer.starts_with("Error: An error occurred in the OAuth protocol"), "{header}: {answer}");
    }
}

#[test]
fn a_callback_is_oob_or_lies_below_the_registered_one() {
    let provider = start(|_| {});
    let mut client = Client::new(&provider);
    let mut told = |callback: &str| {
        let answer = client.ask("initiate", ("", ""), &[("oauth_callback", callback)]);
        if answer.starts_with("Error") {
            return Err(answer);
        }
        let address = authenticate(&provider, &pair(&answer).0, "ada").header("location").to_owned();
        Ok(address.split_once("oauth_verifier").unwrap().0.to_owned())
    };
    assert_eq!(told("oob").unwrap(), format!("{CALLBACK}?"));
    assert_eq!(told(&format!("{CALLBACK}?a=b")).unwrap(), format!("{CALLBACK}?a=b&"));
    for callback in ["", "OOB", "http://evil.example/hub/oauth_callback", "http://127.0.0.1:8401/hub/oauth_callback"] {
        assert!(told(callback).unwrap_err().contains("oauth_callback must be set"), "{callback}");
    }
}

#[test]
fn the_page_offers_everybody_and_refusing_leads_nowhere() {
    let provider = start(|_| {});
    let (key, _) = Client::new(&provider).initiate();
    let page = authenticate(&provider, &key, "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Ada Lovelace") && page.body.contains("name=\"oauth_token\""), "{}", page.body);
    let title = ("title", "Special:OAuth/authenticate");
    let choose = |choice| post(&provider, INDEX, &[], &[title, ("oauth_token", &key), choice]);
    let refused = choose(("deny", "1"));
    assert_eq!((refused.status, refused.header("location")), (200, ""));
    assert_eq!(choose(("person", "linus")).status, 303);
    assert_eq!(authenticate(&provider, "nobody", "ada").status, 400);
}
