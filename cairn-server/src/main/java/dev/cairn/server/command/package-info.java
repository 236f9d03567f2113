/// The command line: what a person types, and what is printed.
///
/// Read [dev.cairn.server.command.CairnCommand] first. Every command but `serve`, `fsck`, `rebuild`
/// and `key rotate-master` speaks to a running server over HTTP, through
/// [dev.cairn.server.command.Connection], with the same rights as any other client.
@NullMarked
package dev.cairn.server.command;

import org.jspecify.annotations.NullMarked;
