//! The stored state of a simulator: one handle for its service, its `State` and its `Simulator`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::Clock;
use crate::lock;

/// The store of a simulated service.
pub(crate) trait SimulatedStore {
    /// Applies what became due with time, such as expirations. A no-op by default.
    fn tick(&mut self, _now_ms: i64) {}
}

/// A shared store with the clock that drives it. Clones refer to the same store.
#[derive(Debug)]
pub(crate) struct SharedStore<S> {
    store: Arc<Mutex<S>>,
    clock: Arc<Clock>,
}

impl<S> Clone for SharedStore<S> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), clock: Arc::clone(&self.clock) }
    }
}

impl<S: SimulatedStore> SharedStore<S> {
    pub(crate) fn new(store: S, clock: Arc<Clock>) -> Self {
        Self { store: Arc::new(Mutex::new(store)), clock }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Locks the store after applying due changes.
    pub(crate) fn lock(&self) -> MutexGuard<'_, S> {
        let mut store = lock(&self.store);
        store.tick(self.clock.now_ms());
        store
    }

    /// Applies due changes, for tests that moved the clock.
    pub(crate) fn tick(&self) {
        drop(self.lock());
    }

    /// Seeds an object: creates it, lets the caller change it, then stores it. The store is not locked during the change,
    /// so that `change` may use the simulator.
    pub(crate) fn seed<T: Clone>(
        &self,
        create: impl FnOnce(&mut S, i64) -> T,
        change: impl FnOnce(&mut T),
        insert: impl FnOnce(&mut S, T),
    ) -> T {
        let mut object = create(&mut self.lock(), self.now_ms());
        change(&mut object);
        insert(&mut self.lock(), object.clone());
        object
    }
}

/// Stored objects that have an id, in the order of creation.
pub(crate) trait Collection<Id> {
    type Item: Clone;

    fn all(&self) -> Vec<Self::Item>;
    fn find(&self, id: Id) -> Option<&Self::Item>;
    fn find_mut(&mut self, id: Id) -> Option<&mut Self::Item>;
    fn delete(&mut self, id: Id);
}

impl<Id: Ord, T: Clone> Collection<Id> for BTreeMap<Id, T> {
    type Item = T;

    fn all(&self) -> Vec<T> {
        self.values().cloned().collect()
    }

    fn find(&self, id: Id) -> Option<&T> {
        self.get(&id)
    }

    fn find_mut(&mut self, id: Id) -> Option<&mut T> {
        self.get_mut(&id)
    }

    fn delete(&mut self, id: Id) {
        self.remove(&id);
    }
}

/// An object with a text id, for collections that are vectors.
pub(crate) trait Identified: Clone {
    fn id(&self) -> &str;
}

impl<T: Identified> Collection<&str> for Vec<T> {
    type Item = T;

    fn all(&self) -> Self {
        self.clone()
    }

    fn find(&self, id: &str) -> Option<&T> {
        self.iter().find(|object| object.id() == id)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut T> {
        self.iter_mut().find(|object| object.id() == id)
    }

    fn delete(&mut self, id: &str) {
        self.retain(|object| object.id() != id);
    }
}

/// Defines the public handle `State` of a simulator. It needs `Simulator`, with a field `store` of type [`SharedStore`], and
/// `Store` in scope. The braces list the fields of the store that `Debug` shows.
macro_rules! state {
    ($($shown:ident),+) => {
        /// A cheap handle to the stored state of a simulator, for inspecting and seeding it.
        ///
        /// Returned values are copies. Seeding bypasses the rules of the API, so that a test can store objects that the
        /// API would reject, such as an unknown enum value.
        #[derive(Clone)]
        pub struct State {
            store: $crate::server::SharedStore<Store>,
        }

        impl State {
            pub(super) fn of(simulator: &Simulator) -> Self {
                Self { store: simulator.store.clone() }
            }
        }

        impl std::fmt::Debug for State {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let store = self.store.lock();
                f.debug_struct("State")$(.field(stringify!($shown), &store.$shown))+.finish_non_exhaustive()
            }
        }
    };
}

/// Defines the accessors of a [`Collection`] of the store, inside the `impl` block of `State`.
///
/// `stored!("FTP account", FtpAccount, &str, ftp_accounts: ftp_accounts, ftp_account, update_ftp_account)` names the object,
/// its type, the type of its id, the field of the store, and the methods that list, get, update and (optionally) remove.
macro_rules! stored {
    (
        $what:literal, $item:ty, $id:ty,
        $field:ident: $all:ident, $one:ident, $update:ident $(, $remove:ident)?
    ) => {
        #[doc = concat!("Returns every ", $what, ", in the order of creation.")]
        #[must_use]
        pub fn $all(&self) -> Vec<$item> {
            $crate::server::Collection::all(&self.store.lock().$field)
        }

        #[doc = concat!("Returns the ", $what, " with this id.")]
        #[must_use]
        pub fn $one(&self, id: $id) -> Option<$item> {
            $crate::server::Collection::find(&self.store.lock().$field, id).cloned()
        }

        #[doc = concat!("Changes the ", $what, " with this id, bypassing the rules of the API. Returns `None` if it does not exist.")]
        pub fn $update(&self, id: $id, change: impl FnOnce(&mut $item)) -> Option<$item> {
            let mut changed = self.$one(id)?;
            change(&mut changed);
            *$crate::server::Collection::find_mut(&mut self.store.lock().$field, id)? = changed.clone();
            Some(changed)
        }

        $(
            #[doc = concat!("Removes the ", $what, " with this id.")]
            pub fn $remove(&self, id: $id) {
                $crate::server::Collection::delete(&mut self.store.lock().$field, id);
            }
        )?
    };
}

pub(crate) use {state, stored};
