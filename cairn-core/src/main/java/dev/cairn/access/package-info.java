/// *Access* is the one decision on who may do what. It is asked on each request, and nowhere else.
///
/// Read [dev.cairn.access.Access] first, then [dev.cairn.access.Policy]: what a resource itself
/// says, in IAM's language. Access keys will have such policies too, later; those who ask will not
/// change.
@NullMarked
package dev.cairn.access;

import org.jspecify.annotations.NullMarked;
