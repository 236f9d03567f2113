/// A *release* is the program with the libraries it runs with, and the list of them.
///
/// Read [dev.cairn.server.release.BillOfMaterials] first, then
/// [dev.cairn.server.release.VulnerabilityDatabase]: what of that list is known to be vulnerable.
/// It guards that nobody takes silence for safety: what could not be read is told.
@NullMarked
package dev.cairn.server.release;

import org.jspecify.annotations.NullMarked;
