/// An *account* owns events, keys and tokens; a *caller* is who asks.
///
/// Read [dev.cairn.account.Accounts] first, then [dev.cairn.account.Caller]. Accounts are where the
/// walls between tenants stand; who may look over them is decided in `dev.cairn.access`.
@NullMarked
package dev.cairn.account;

import org.jspecify.annotations.NullMarked;
