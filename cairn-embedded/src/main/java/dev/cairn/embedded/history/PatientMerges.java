package dev.cairn.embedded.history;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.MergePolicy.OneMerge;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Merges in threads that stand back while others want the processors: an event is to be found
/// within a second, a merge is in no hurry. When merges fall too far behind, Lucene lets the
/// indexing thread wait for them, and they have the processors to themselves.
///
/// On Linux a thread has a nice value of its own (setpriority(2), "C library/kernel differences");
/// Java's thread priorities have no effect there. Elsewhere merges run as Lucene lets them.
final class PatientMerges extends ConcurrentMergeScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(PatientMerges.class);
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    /// About a tenth of the processor time of a thread with the usual 0, where both want it.
    private static final int NICE = 10;

    private static final @Nullable MethodHandle SET_PRIORITY = setPriority();

    @Override
    protected void doMerge(MergeSource source, OneMerge merge) throws IOException {
        standBack();
        super.doMerge(source, merge);
    }

    /// Lets the calling thread stand back, for good: only who may can take that back.
    static void standBack() {
        if (SET_PRIORITY == null) {
            return;
        }
        try {
            int failed = (int) SET_PRIORITY.invokeExact(PRIO_PROCESS, CALLING_THREAD, NICE);
            if (failed != 0) {
                LOG.debug("the system did not let merges stand back");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("setpriority", e);
        }
    }

    @SuppressWarnings("restricted") // Calls into the C library; Cairn is started with leave to.
    private static @Nullable MethodHandle setPriority() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("setpriority")
                .map(found ->
                        linker.downcallHandle(
                                found,
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT)))
                .orElse(null);
    }
}
