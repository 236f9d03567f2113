/// An HTTP message as the wire layer sees it: what came, undecoded, and what goes out.
///
/// Signatures are computed over the raw path, query and headers, so nothing here decodes, folds or
/// reorders. The server's own front door (whatever engine it uses) makes a [Request] from what it
/// received and sends a [Response]. Read [Request] first.
@NullMarked
package dev.cairn.aws.http;

import org.jspecify.annotations.NullMarked;
