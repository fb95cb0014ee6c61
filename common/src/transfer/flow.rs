//! The parts of an upload under way: which are asked for, which are sent, which are still to be read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::task::JoinSet;

use super::pace::Pace;
use super::plan::Plan;
use super::progress::Meter;
use super::put::{PartData, Sender, check_number, send_part};
use super::run::Run;
use super::service::PartTarget;
use super::source::Once;
use crate::{Error, Result};

/// A one-shot source and how much of it may be in memory.
pub(super) struct Filling {
    source: Option<Once>,
    plan: Plan,
    budget: u64,
    next: u32,
    held: u64,
    size: u64,
    crc: crc32fast::Hasher,
}

impl Filling {
    pub(super) fn new(source: Once, plan: Plan, budget: u64) -> Self {
        Self { source: Some(source), plan, budget, next: 1, held: 0, size: 0, crc: crc32fast::Hasher::new() }
    }
}

/// What a task of an upload ended in.
enum Event {
    Target(u32, Result<Box<PartTarget>>),
    Filled(Once, Result<(PartData, crc32fast::Hasher, bool)>),
    Sent(u32, u64, Result<()>),
}

/// The parts under way.
pub(super) struct Flow<'r, F> {
    run: &'r Run<F>,
    sender: Arc<Sender>,
    reference: Arc<str>,
    parallel: usize,
    /// Parts whose bytes are at hand and which are not under way yet.
    waiting: VecDeque<(u32, PartData)>,
    /// Parts whose address is still to be asked for.
    unasked: VecDeque<u32>,
    targets: BTreeMap<u32, Box<PartTarget>>,
    asking: usize,
    sending: usize,
    tasks: JoinSet<Event>,
    /// Where slow parts are sent twice.
    pace: Option<Pace>,
}

impl<'r, F: Send + 'static> Flow<'r, F> {
    pub(super) fn new(run: &'r Run<F>, reference: &str, parallel: usize, waiting: VecDeque<(u32, PartData)>) -> Self {
        let sender = Sender {
            storage: run.storage.clone(),
            content_type: run.options.content_type.clone(),
            verifies: run.options.verifies,
            names_md5: AtomicBool::new(false),
        };
        Self {
            run,
            sender: Arc::new(sender),
            reference: reference.into(),
            parallel,
            unasked: waiting.iter().map(|(part, _)| *part).collect(),
            waiting,
            targets: BTreeMap::new(),
            asking: 0,
            sending: 0,
            tasks: JoinSet::new(),
            // Parts that go one after the other may not go twice at a time.
            pace: (run.options.hedges && parallel > 1).then(Pace::default),
        }
    }

    /// Takes the address that came with the beginning.
    pub(super) fn expect_target(&mut self, first: Option<PartTarget>) -> Result<()> {
        let Some(first) = first else { return Ok(()) };
        check_number(1, &first)?;
        self.unasked.retain(|part| *part != 1);
        self.targets.insert(1, Box::new(first));
        Ok(())
    }

    /// Sends all parts. Returns size and sum of what a one-shot source held.
    pub(super) async fn run(mut self, mut filling: Option<Filling>) -> Result<(u64, crc32fast::Hasher)> {
        loop {
            if let Some(filling) = &mut filling {
                self.fill(filling);
            }
            self.ask();
            self.send();
            let event = match self.tasks.join_next().await {
                None => break,
                Some(Ok(event)) => event,
                Some(Err(error)) if error.is_panic() => return Err(Error::other("the source panicked")),
                Some(Err(_)) => return Err(Error::other("the upload was stopped")),
            };
            match event {
                Event::Target(part, target) => {
                    self.asking -= 1;
                    self.targets.insert(part, target?);
                }
                Event::Filled(source, filled) => {
                    let (data, crc, at_end) = filled?;
                    if let Some(filling) = &mut filling {
                        self.filled(filling, source, data, &crc, at_end)?;
                    }
                }
                Event::Sent(part, size, sent) => {
                    self.sending -= 1;
                    sent?;
                    if let Some(filling) = &mut filling {
                        filling.held -= size;
                    }
                    self.run.meter.change(|progress| progress.parts += 1);
                    self.run.ledger.done(part);
                }
            }
        }
        Ok(filling.map_or_else(|| (0, crc32fast::Hasher::new()), |filling| (filling.size, filling.crc)))
    }

    /// Begins something that whoever stops the upload waits for to let go.
    fn spawn(&mut self, task: impl Future<Output = Event> + Send + 'static) {
        let held = self.run.options.held.clone();
        self.tasks.spawn(async move {
            let event = task.await;
            drop(held);
            event
        });
    }

    /// Reads the next part of a one-shot source, where there is room for it.
    fn fill(&mut self, filling: &mut Filling) {
        let size = filling.plan.part_size(filling.next);
        let is_room = filling.held == 0 || filling.held + size <= filling.budget;
        if !is_room || self.sending + self.waiting.len() > self.parallel {
            return;
        }
        let Some(mut source) = filling.source.take() else { return };
        filling.held += size;
        self.spawn(async move {
            let filled = async {
                let chunks = source.fill(size).await?;
                let mut crc = crc32fast::Hasher::new();
                for chunk in &chunks {
                    crc.update(chunk);
                }
                let at_end = source.is_at_end().await?;
                Ok((PartData::Held(chunks), crc, at_end))
            };
            let filled = filled.await;
            Event::Filled(source, filled)
        });
    }

    fn filled(
        &mut self,
        filling: &mut Filling,
        source: Once,
        data: PartData,
        crc: &crc32fast::Hasher,
        at_end: bool,
    ) -> Result<()> {
        let part = filling.next;
        // The last part is shorter than what was reserved for it.
        filling.held -= filling.plan.part_size(part) - data.size();
        filling.size += data.size();
        filling.crc.combine(crc);
        filling.next += 1;
        if !at_end {
            if filling.next > filling.plan.max_parts() {
                let problem = "is longer than all parts together hold; a larger `memory_budget` or `part_size` helps";
                return Err(Error::invalid_input("source", problem));
            }
            filling.source = Some(source);
        }
        if !self.targets.contains_key(&part) {
            self.unasked.push_back(part);
        }
        self.waiting.push_back((part, data));
        Ok(())
    }

    /// Asks for addresses ahead, never for so many that one grows old unused.
    fn ask(&mut self) {
        while self.asking + self.targets.len() < self.parallel {
            let Some(part) = self.unasked.pop_front() else { return };
            let (service, reference) = (Arc::clone(&self.run.service), Arc::clone(&self.reference));
            self.asking += 1;
            self.spawn(async move {
                let target = service.part_target(&reference, part).await;
                Event::Target(part, target.and_then(|target| check_number(part, &target).map(|()| Box::new(target))))
            });
        }
    }

    fn send(&mut self) {
        while self.sending < self.parallel {
            let ready = self.waiting.iter().position(|(part, _)| self.targets.contains_key(part));
            let Some((part, data)) = ready.and_then(|index| self.waiting.remove(index)) else { return };
            let Some(target) = self.targets.remove(&part) else { return };
            let service = Arc::clone(&self.run.service);
            let (sender, reference) = (Arc::clone(&self.sender), Arc::clone(&self.reference));
            let (slots, meter) = (self.run.options.slots.clone(), self.run.meter.clone());
            let pace = self.pace.clone();
            self.sending += 1;
            self.spawn(async move {
                let _slot = match slots {
                    Some(slots) => slots.acquire_owned().await.ok(),
                    None => None,
                };
                let size = data.size();
                let put = async |target: PartTarget, meter: &Meter| {
                    send_part(&*service, &sender, &reference, target, &data, meter).await
                };
                let sent = if let Some(pace) = pace {
                    let same = target.clone();
                    let again = async {
                        // Counted when it has won: the first one counts what it moves meanwhile.
                        put(*same, &Meter::new()).await?;
                        meter.moved(size);
                        Ok(())
                    };
                    pace.race(size, Box::pin(put(*target, &meter)), Box::pin(again)).await
                } else {
                    put(*target, &meter).await
                };
                Event::Sent(part, size, sent)
            });
        }
    }
}
