//! Tokens: a good one verifies with the published key, and no bad one is good.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use harness::prelude::*;
use harness::tokens::Issuer;

#[test]
fn good_token_verifies_with_the_published_key_and_bad_ones_differ() {
    let issuer = Issuer::default();
    let token = issuer.account("CONTOSO");
    let (text, sig) = token.rsplit_once('.').unwrap();
    let jwks: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    let key = BASE64.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key);
    key.verify(text.as_bytes(), &BASE64.decode(sig).unwrap()).unwrap();
    let payload = BASE64.decode(text.split_once('.').unwrap().1).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap()["account_id"], "CONTOSO");
    let mut bad: Vec<_> =
        issuer.bad_tokens(&Claims::account("CONTOSO")).into_iter().map(|(_, token)| token).collect();
    assert!(!bad.contains(&token));
    let count = bad.len();
    bad.sort();
    bad.dedup();
    assert_eq!(bad.len(), count);
}
