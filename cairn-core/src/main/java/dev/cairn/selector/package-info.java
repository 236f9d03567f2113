/// A *selector* says which events a trail takes.
///
/// Read [dev.cairn.selector.Selectors] first: what a trail was told, checked as AWS checks it, and
/// ready to ask. Selectors come in two kinds, basic ([dev.cairn.selector.EventSelector]) and
/// advanced ([dev.cairn.selector.AdvancedEventSelector]), and a trail has one kind at a time. It
/// guards the second half of invariant I3: what "its selectors take" means.
@NullMarked
package dev.cairn.selector;

import org.jspecify.annotations.NullMarked;
