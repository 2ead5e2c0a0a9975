// SPDX-License-Identifier: Apache-2.0
//! A store in a directory, for one machine: any number of hosts may share it.
//!
//! ```text
//! <root>/<deployment>/lock                    held by the one who writes
//! <root>/<deployment>/next                    the record that is being written
//! <root>/<deployment>/records/<id>            one secret each
//! <root>/<deployment>/names/<hash>/<id>       a hint: this record may have a name with this hash
//! ```
//!
//! A record comes into being, changes and goes by one rename or unlink, so that a reader needs no
//! lock and a crash leaves the old record or the new one. The record is the truth about its name: a
//! hint is made before it is needed, dropped after, and counts for nothing without its record.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::kist::{
    Call, Code, Error, Metadata, Options, RecordStore, Result, Row, Secret, Uuid, WriteResult,
};
use crate::libc;
use crate::record_file::{failure, write_record, Checksum, RecordReader};

pub struct SampleStore {
    /// <root>/<deployment>
    home: PathBuf,
}

impl RecordStore for SampleStore {
    fn open(_call: &Call, deployment_id: Uuid, options: &Options) -> Result<SampleStore> {
        let root = options.path("root")?;
        let home = root.join(deployment_id.to_string());
        for path in [&root, &home, &home.join("records"), &home.join("names")] {
            make_directory(path)?;
        }
        Ok(SampleStore { home })
    }

    fn insert(&self, call: &Call, record: &Secret) -> Result<WriteResult> {
        let _lock = WriteLock::take(call, &self.home.join("lock"))?;
        if self.find(record.metadata.id)?.is_some() {
            return Ok(WriteResult::IdTaken);
        }
        if self.is_name_taken(&record.metadata)? {
            return Ok(WriteResult::NameTaken);
        }
        self.add_hint(&record.metadata)?;
        self.put(record)?;
        Ok(WriteResult::Done)
    }

    fn load(&self, call: &Call, id: Uuid) -> Result<Option<Secret>> {
        call.check()?;
        let mut reader = match RecordReader::open(&self.record_path(id), id)? {
            Some(reader) => reader,
            None => return Ok(None),
        };
        if let Row::Whole(metadata) = reader.row() {
            if let Some(values) = reader.values(call.host())? {
                return Ok(Some(Secret { metadata, values }));
            }
        }
        Err(corrupt(id))
    }

    fn load_metadata(&self, call: &Call, id: Uuid) -> Result<Option<Metadata>> {
        call.check()?;
        match self.find(id)? {
            Some(Row::Whole(metadata)) => Ok(Some(metadata)),
            Some(Row::Damaged(_)) => Err(corrupt(id)),
            None => Ok(None),
        }
    }

    fn replace(&self, call: &Call, record: &Secret, expected_revision: u64) -> Result<WriteResult> {
        let _lock = WriteLock::take(call, &self.home.join("lock"))?;
        let found = match self.find(record.metadata.id)? {
            Some(Row::Whole(found)) if found.revision == expected_revision => found,
            Some(_) => return Ok(WriteResult::Changed),
            None => return Ok(WriteResult::Absent),
        };
        if self.is_name_taken(&record.metadata)? {
            return Ok(WriteResult::NameTaken);
        }
        self.add_hint(&record.metadata)?;
        self.put(record)?;
        if self.hints_path(&found) != self.hints_path(&record.metadata) {
            self.drop_hint(&found);
        }
        Ok(WriteResult::Done)
    }

    fn erase(&self, call: &Call, id: Uuid, expected_revision: Option<u64>) -> Result<WriteResult> {
        let _lock = WriteLock::take(call, &self.home.join("lock"))?;
        let found = match self.find(id)? {
            Some(found) => found,
            None => return Ok(WriteResult::Absent),
        };
        let revision = found.metadata().map(|metadata| metadata.revision);
        if expected_revision.is_some() && expected_revision != revision {
            return Ok(WriteResult::Changed);
        }
        let path = self.record_path(id);
        fs::remove_file(&path).map_err(|error| failure("remove", &path, &error))?;
        self.settle()?;
        if let Row::Whole(metadata) = found {
            self.drop_hint(&metadata);
        }
        Ok(WriteResult::Done)
    }

    fn scan(&self, call: &Call, visit: &mut dyn FnMut(&Row) -> Result<bool>) -> Result<()> {
        for id in self.record_ids(call)? {
            call.check()?;
            match self.find(id)? {
                Some(row) if !visit(&row)? => break,
                _ => {} // Also if it was deleted meanwhile.
            }
        }
        Ok(())
    }
}

impl SampleStore {
    fn record_path(&self, id: Uuid) -> PathBuf {
        self.home.join("records").join(id.to_string())
    }

    /// A name may be longer than a file's, so its hash stands for it; two names may share one.
    fn hints_path(&self, record: &Metadata) -> PathBuf {
        let hash = Checksum::new().add(record.unique_name().as_bytes()).get();
        self.home.join("names").join(format!("{hash:016x}"))
    }

    fn find(&self, id: Uuid) -> Result<Option<Row>> {
        let reader = RecordReader::open(&self.record_path(id), id)?;
        Ok(reader.map(|mut reader| reader.row()))
    }

    fn is_name_taken(&self, record: &Metadata) -> Result<bool> {
        for id in ids_in(&self.hints_path(record))? {
            if id == record.id {
                continue;
            }
            if let Some(Row::Whole(holder)) = self.find(id)? {
                if holder.unique_name() == record.unique_name() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn add_hint(&self, record: &Metadata) -> Result<()> {
        let directory = self.hints_path(record);
        make_directory(&directory)?;
        let path = directory.join(record.id.to_string());
        open_or_create(&path).map_err(|error| failure("create", &path, &error))?;
        sync_directory(&directory).map_err(|error| failure("sync", &directory, &error))
    }

    /// A hint that stays costs a look at its record, and nothing else.
    fn drop_hint(&self, record: &Metadata) {
        let directory = self.hints_path(record);
        let _ = fs::remove_file(directory.join(record.id.to_string()));
        let _ = fs::remove_dir(directory); // Fails while another record's hint is in it.
    }

    /// All of the new record is on disk before it gets its name there.
    fn put(&self, record: &Secret) -> Result<()> {
        let next = self.home.join("next");
        write_record(&next, record)?;
        let path = self.record_path(record.metadata.id);
        fs::rename(next, &path).map_err(|error| failure("write", &path, &error))?;
        self.settle()
    }

    /// The change is there for all to see; whether a crash will undo it must be known (ST-20).
    fn settle(&self) -> Result<()> {
        let path = self.home.join("records");
        sync_directory(&path)
            .map_err(|error| Error::new(Code::Indeterminate, failure("sync", &path, &error).message))
    }

    /// A directory that is written to meanwhile may list a file twice or not at all.
    fn record_ids(&self, call: &Call) -> Result<Vec<Uuid>> {
        let _lock = WriteLock::take(call, &self.home.join("lock"))?;
        ids_in(&self.home.join("records"))
    }
}

/// Keeps all others from writing, threads and processes alike: flock() goes by open file, and each
/// holder opens it anew.
struct WriteLock {
    _file: File,
}

impl WriteLock {
    const RETRY_MS: i32 = 1; // flock() itself knows no deadline.

    fn take(call: &Call, path: &Path) -> Result<WriteLock> {
        let file = open_or_create(path).map_err(|error| failure("open", path, &error))?;
        call.check()?;
        while !libc::try_lock(&file).map_err(|error| failure("lock", path, &error))? {
            libc::wait_readable(call.cancel_fd(), WriteLock::RETRY_MS);
            call.check()?;
        }
        Ok(WriteLock { _file: file })
    }
}

fn open_or_create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes the names in a directory durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn make_directory(path: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        result => result.map_err(|error| failure("make the directory", path, &error))?,
    }
    match path.parent() {
        Some(parent) => sync_directory(parent).map_err(|error| failure("sync", parent, &error)),
        None => Ok(()),
    }
}

/// The ids that name the files of a directory; none, if there is no such directory.
fn ids_in(path: &Path) -> Result<Vec<Uuid>> {
    let list = || -> io::Result<Vec<Uuid>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(path)? {
            ids.extend(entry?.file_name().to_str().and_then(Uuid::parse));
        }
        Ok(ids)
    };
    match list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|error| failure("list", path, &error)),
    }
}

fn corrupt(id: Uuid) -> Error {
    Error::new(Code::Corrupt, format!("sample: the record of secret {id} failed its check"))
}
