//! Schedules the parts of an upload: which are read, which URLs are requested, and which parts are sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::transfer::hedge::Hedge;
use crate::transfer::progress::ProgressMeter;
use crate::transfer::service::PartTarget;
use crate::transfer::upload::context::UploadContext;
use crate::transfer::upload::part_reader::{PartData, PartReader, ReadPart};
use crate::transfer::upload::part_uploader::{PartUploader, check_number, upload_part};
use crate::{Error, Result};

/// The result of a task.
enum Event {
    Target(u32, Result<Box<PartTarget>>),
    Read(Result<Box<ReadPart>>),
    Sent(u32, u64, Result<()>),
}

/// The parts of an upload in progress.
pub(crate) struct UploadScheduler<'u, F> {
    upload: &'u UploadContext<F>,
    uploader: Arc<PartUploader>,
    reference: Arc<str>,
    /// The maximum number of parts in flight.
    parallel: usize,
    /// Parts whose content is ready to be sent.
    queue: VecDeque<(u32, PartData)>,
    /// Parts whose target is not requested yet.
    without_target: VecDeque<u32>,
    targets: BTreeMap<u32, Box<PartTarget>>,
    /// Target requests in flight.
    requesting: usize,
    /// Parts in flight.
    sending: usize,
    tasks: JoinSet<Event>,
    hedge: Option<Hedge>,
}

impl<'u, F: Send + 'static> UploadScheduler<'u, F> {
    pub(crate) fn new(
        upload: &'u UploadContext<F>,
        reference: &str,
        parallel: usize,
        queue: VecDeque<(u32, PartData)>,
    ) -> Self {
        let content_type = upload.options.content_type.clone();
        let uploader = PartUploader::new(upload.storage.clone(), content_type, upload.request.verify);
        Self {
            upload,
            uploader: Arc::new(uploader),
            reference: reference.into(),
            parallel,
            without_target: queue.iter().map(|(part, _)| *part).collect(),
            queue,
            targets: BTreeMap::new(),
            requesting: 0,
            sending: 0,
            tasks: JoinSet::new(),
            // A service that takes no parallel parts does not take a part twice at a time.
            hedge: (upload.request.hedge && parallel > 1).then(Hedge::default),
        }
    }

    /// Sets the target of the first part, which the service returned with the session.
    pub(crate) fn set_first_target(&mut self, first: Option<PartTarget>) -> Result<()> {
        let Some(first) = first else { return Ok(()) };
        check_number(1, &first)?;
        self.without_target.retain(|part| *part != 1);
        self.targets.insert(1, Box::new(first));
        Ok(())
    }

    /// Sends all parts. Returns the size and the CRC32 of a one-shot source.
    pub(crate) async fn run(mut self, mut reader: Option<PartReader>) -> Result<(u64, u32)> {
        loop {
            if let Some(reader) = &mut reader {
                self.read_next(reader);
            }
            self.request_targets();
            self.send_ready();
            let event = match self.tasks.join_next().await {
                None => break,
                Some(Ok(event)) => event,
                Some(Err(error)) if error.is_panic() => return Err(Error::other("the source panicked")),
                Some(Err(_)) => return Err(Error::other("the upload was stopped")),
            };
            match event {
                Event::Target(part, target) => {
                    self.requesting -= 1;
                    self.targets.insert(part, target?);
                }
                Event::Read(read) => {
                    let read = read?;
                    if let Some(reader) = &mut reader {
                        let (part, data) = reader.accept(*read)?;
                        if !self.targets.contains_key(&part) {
                            self.without_target.push_back(part);
                        }
                        self.queue.push_back((part, data));
                    }
                }
                Event::Sent(part, size, result) => {
                    self.sending -= 1;
                    result?;
                    if let Some(reader) = &mut reader {
                        reader.release(size);
                    }
                    self.upload.request.meter.change(|progress| progress.parts += 1);
                    self.upload.checkpoint.complete_part(part);
                }
            }
        }
        Ok(reader.map_or((0, 0), PartReader::finish))
    }

    /// Spawns a task that holds the guard of the upload.
    fn spawn(&mut self, task: impl Future<Output = Event> + Send + 'static) {
        let guard = self.upload.guard.clone();
        self.tasks.spawn(async move {
            let event = task.await;
            drop(guard);
            event
        });
    }

    /// Reads the next part of a one-shot source, if few parts wait and the memory budget allows it.
    fn read_next(&mut self, reader: &mut PartReader) {
        if self.sending + self.queue.len() > self.parallel {
            return;
        }
        let Some((source, size)) = reader.reserve() else { return };
        self.spawn(async move { Event::Read(ReadPart::read(source, size).await.map(Box::new)) });
    }

    /// Requests targets ahead of time, but not so many that a presigned URL expires unused.
    fn request_targets(&mut self) {
        while self.requesting + self.targets.len() < self.parallel {
            let Some(part) = self.without_target.pop_front() else { return };
            let (service, reference) = (Arc::clone(&self.upload.service), Arc::clone(&self.reference));
            self.requesting += 1;
            self.spawn(async move {
                let target = service.part_target(&reference, part).await;
                Event::Target(part, target.and_then(|target| check_number(part, &target).map(|()| Box::new(target))))
            });
        }
    }

    fn send_ready(&mut self) {
        while self.sending < self.parallel {
            let ready = self.queue.iter().position(|(part, _)| self.targets.contains_key(part));
            let Some((part, data)) = ready.and_then(|index| self.queue.remove(index)) else { return };
            let Some(target) = self.targets.remove(&part) else { return };
            let service = Arc::clone(&self.upload.service);
            let (uploader, reference) = (Arc::clone(&self.uploader), Arc::clone(&self.reference));
            let (slots, meter) = (self.upload.request.slots.clone(), self.upload.request.meter.clone());
            let hedge = self.hedge.clone();
            self.sending += 1;
            self.spawn(async move {
                let _slot = slots.acquire().await;
                let size = data.size();
                let send = async |target: PartTarget, meter: &ProgressMeter| {
                    upload_part(&*service, &uploader, &reference, target, &data, meter).await
                };
                let result = if let Some(hedge) = hedge {
                    let hedged_target = target.clone();
                    let second = async {
                        // Counted only if it wins, because the first request counts its own bytes meanwhile.
                        send(*hedged_target, &ProgressMeter::new()).await?;
                        meter.add(size);
                        Ok(())
                    };
                    hedge.race(size, Box::pin(send(*target, &meter)), Box::pin(second)).await
                } else {
                    send(*target, &meter).await
                };
                Event::Sent(part, size, result)
            });
        }
    }
}
