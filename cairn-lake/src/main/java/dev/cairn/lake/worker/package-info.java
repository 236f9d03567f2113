/// The process that runs users' queries, so that whatever a query does to it touches nothing else.
///
/// Read [Worker] first. It is started with the question on its standard input and answers on its
/// standard output, a JSON document a line; it ends when its input does. By the time a user's query
/// runs, it can reach the files of the question's tables and no others.
@NullMarked
package dev.cairn.lake.worker;

import org.jspecify.annotations.NullMarked;
