//! The console's sign-in against an independent OpenID Connect provider, with the whole service behind it.

mod browser;
mod failures;
mod provider;
mod sign_in;
mod system;
