/// What an operator can set, with every default in one place.
///
/// Read [dev.cairn.server.configuration.Configuration] for the typed result and
/// [dev.cairn.server.configuration.Setting] for the table of keys, which
/// `docs/operating/settings.md` is generated from.
@NullMarked
package dev.cairn.server.configuration;

import org.jspecify.annotations.NullMarked;
