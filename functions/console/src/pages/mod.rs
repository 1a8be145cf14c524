//! The pages: HTML that works without script, escaped by its template, and nothing inline.

pub mod cancel;
pub mod failure;
pub mod history;
pub mod landing;
pub mod layout;
pub mod notice;
pub mod panel;
pub mod pin_form;
pub mod port_outs;
pub mod protection;
