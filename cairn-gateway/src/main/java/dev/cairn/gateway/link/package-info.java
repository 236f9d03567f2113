/// The *link* of a gateway in a process of its own to the Cairn it records to
/// (`docs/decisions/0021-gateway-of-its-own.md`).
///
/// Read [dev.cairn.gateway.link.CairnLink] first. It guards that the rest of the gateway does not
/// tell a ledger in its own process from one far away: what is acknowledged is durable (I2), and
/// what is not known to be recorded may always be sent again under its eventID.
@NullMarked
package dev.cairn.gateway.link;

import org.jspecify.annotations.NullMarked;
