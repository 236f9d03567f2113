/// The processes that keep the tables of event data stores and answer queries, as the server sees
/// them. What runs in them is `cairn-lake`, which is not on the server's class path.
///
/// Read [dev.cairn.server.lake.LakeProcess] first, then [dev.cairn.server.lake.StoreTables], which
/// moves what is recorded into tables, and [dev.cairn.server.lake.StoreQueries].
@NullMarked
package dev.cairn.server.lake;

import org.jspecify.annotations.NullMarked;
