//! Pagination: by cursor, by page number, and lists in one response.

mod cursor;
mod number;
mod pager;
mod single;

pub use cursor::CursorPage;
pub use number::{Identity, PageNumbers};
pub use pager::{Cursor, Page, Pager, Pages};
