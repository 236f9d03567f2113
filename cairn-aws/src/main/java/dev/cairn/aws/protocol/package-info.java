/// AWS's wire protocols, from the service's side: requests in, answers and errors out.
///
/// How a request flows:
///
/// 1. `Signature.read(request)` (package `sigv4`) finds the credential scope without any secret.
/// 2. The scope's service chooses the model: `ServiceCatalog.signedAs(service)` (package `shape`).
/// 3. [Codecs#choose] finds the codec that this request speaks, or the protocol that Cairn does not
///    speak yet.
/// 4. [Codec#parse] gives the operation and its input as a document, or the error to answer.
/// 5. `Violations.in(input, shape)` (package `shape`) says what the model does not allow.
/// 6. The operation takes the document and returns one.
/// 7. [Codec#write] or [Codec#writeError] makes the answer, in the caller's own protocol.
///
/// Read [Codec] first. A codec keeps no state; whatever a caller sends, it answers with a value and
/// never with an exception. Documents have one form for all protocols, described in package
/// `shape`.
@NullMarked
package dev.cairn.aws.protocol;

import org.jspecify.annotations.NullMarked;
