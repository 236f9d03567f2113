/// The *certificates* of TLS: what Cairn shows to its clients, and whom it believes.
///
/// Read [dev.cairn.server.certificate.ServerCertificate] first. Everything is in PEM files, and
/// nothing here turns verification off.
@NullMarked
package dev.cairn.server.certificate;

import org.jspecify.annotations.NullMarked;
