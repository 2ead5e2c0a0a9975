// SPDX-License-Identifier: Apache-2.0

const NAME: [u8; 12] = *b"KistPlugin\0\0";
const NAME_SIZE: u32 = 11; // With one NUL; the second one pads it.
const TYPE: u32 = 0x4B50_0001; // 'K' 'P', then the major version of the ABI.
const MANIFEST_SIZE_MAX: usize = 65536;

/// The ELF note that holds the manifest, as it lies in the file. In a static of the section
/// `.note.kist`, the host reads it without running the plugin, and `strip` keeps it.
#[repr(C)]
pub struct ManifestNote<const SIZE: usize> {
    name_size: u32,
    text_size: u32,
    note_type: u32,
    name: [u8; 12],
    text: [u8; SIZE],
}

/// `manifest` padded to four bytes.
pub const fn note_size(manifest: &str) -> usize {
    (manifest.len() + 3) / 4 * 4
}

impl<const SIZE: usize> ManifestNote<SIZE> {
    pub const fn new(manifest: &str) -> ManifestNote<SIZE> {
        assert!(SIZE == note_size(manifest) && SIZE <= MANIFEST_SIZE_MAX);
        let mut text = [0; SIZE];
        let mut i = 0;
        while i < manifest.len() {
            text[i] = manifest.as_bytes()[i];
            i += 1;
        }
        ManifestNote { name_size: NAME_SIZE, text_size: SIZE as u32, note_type: TYPE, name: NAME, text }
    }
}
