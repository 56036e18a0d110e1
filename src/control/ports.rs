//! The ports that WebSocket APIs are given, as a trait: `net::ports` is the one that listens.

/// What an operation may ask of the network.
pub trait Ports: Send + Sync {
    /// Listens on the next free port of the range; `None`: none is free. Never waits.
    fn open(&self) -> Option<u16>;
    /// Gives a port back.
    fn close(&self, port: u16);
}

#[cfg(test)]
pub mod fake {
    //! Ports that exist only in memory.

    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::Ports;

    /// LocalStack's range, or a shorter one.
    #[derive(Debug)]
    pub struct Fake {
        end: u16,
        open: Mutex<BTreeSet<u16>>,
    }

    impl Fake {
        /// The ports from 4510 to before `end`.
        pub fn until(end: u16) -> Self {
            Self { end, open: Mutex::default() }
        }

        /// Which are open, in order.
        pub fn open(&self) -> Vec<u16> {
            self.open.lock().unwrap().iter().copied().collect()
        }
    }

    impl Default for Fake {
        fn default() -> Self {
            Self::until(4560)
        }
    }

    impl Ports for Fake {
        fn open(&self) -> Option<u16> {
            let mut open = self.open.lock().unwrap();
            (4510..self.end).find(|port| open.insert(*port))
        }

        fn close(&self, port: u16) {
            assert!(self.open.lock().unwrap().remove(&port), "{port} is not open");
        }
    }
}
