//! What each page and form does: read what the browser brings, call the API as the administrator, and answer with a page.

pub mod cancellation;
pub mod history;
pub mod panel;
pub mod pin;
pub mod protection;
pub mod sign_in;
pub mod sign_out;
