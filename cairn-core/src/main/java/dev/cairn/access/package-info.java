/// *Access* is the one decision on who may do what. It is asked on each request, and nowhere else.
///
/// Read [dev.cairn.access.Access] first. Its policies will grow (IAM's language); those who ask
/// will not change.
@NullMarked
package dev.cairn.access;

import org.jspecify.annotations.NullMarked;
