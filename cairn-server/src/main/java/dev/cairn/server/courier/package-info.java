/// *Couriers* take messages of topics to receivers outside: by HTTP, and by mail.
///
/// Read [dev.cairn.server.courier.Rounds] first.
@NullMarked
package dev.cairn.server.courier;

import org.jspecify.annotations.NullMarked;
