//! Lists, in the three ways in which services page them.

mod cursor;
mod number;
mod pager;
mod single;

pub use cursor::CursorPage;
pub use number::{Identity, PageNumbers};
pub use pager::{Cursor, Page, Pager, Pages};
