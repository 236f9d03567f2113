/// The real [disk][dev.cairn.disk.Disk], and the *data folder* on it.
///
/// Read [dev.cairn.embedded.disk.DataFolder] first. It guards I2 (acknowledged implies durable),
/// and that only one server writes a folder.
@NullMarked
package dev.cairn.embedded.disk;

import org.jspecify.annotations.NullMarked;
