/// *Couriers* take messages of topics, and what rules tell, to receivers outside: by HTTP, and by
/// mail.
///
/// Read [dev.cairn.server.courier.Rounds] first.
@NullMarked
package dev.cairn.server.courier;

import org.jspecify.annotations.NullMarked;
