/// An *event bus* takes events and passes each on to the targets of the rules that want it:
/// EventBridge.
///
/// Read [dev.cairn.bus.EventBuses] first, which keeps buses, rules and targets. What is guarded: an
/// event that a rule matched comes to the rule's own targets once, whatever the process dies on.
@NullMarked
package dev.cairn.bus;

import org.jspecify.annotations.NullMarked;
