package dev.cairn.testkit.archive;

import dev.cairn.testkit.wire.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.opentest4j.TestAbortedException;

/// A real S3 that is not AWS's: Ceph's gateway with a cluster of one monitor and one store, which
/// keeps its objects in memory, on free ports of this machine. Starts in a second or two.
///
/// Needs the programs of Debian's `radosgw`, `ceph-mon` and `ceph-osd` on the path, and no rights.
/// Where they are absent, the test that asks is skipped with the reason printed; with
/// `CAIRN_CLIENTS=required` in the environment it fails.
public final class Radosgw implements AutoCloseable {
    public static final String REGION = "us-east-1";

    /// A key for `aws:kms` that it knows.
    public static final String KMS_KEY = "testkey-1";

    private static final Duration STEP_MAX = Duration.ofSeconds(60);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final List<String> PROGRAMS =
            List.of("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool");

    private final Path folder;
    private final int gatewayPort = Ports.free();
    private final Deque<Process> daemons = new ArrayDeque<>();
    private final Thread atExit = new Thread(this::kill);

    private Radosgw(Path folder) {
        this.folder = folder;
    }

    /// Starts one, or ends the calling test.
    ///
    /// @param accessKey of its one user
    /// @param secretKey of the same
    /// @throws TestAbortedException when its programs are absent and not required
    /// @throws AssertionError when they are absent and required, or it does not start
    public static Radosgw assume(String accessKey, String secretKey)
            throws IOException, InterruptedException {
        for (String program : PROGRAMS) {
            if (!isOnPath(program)) {
                throw absent(
                        "expected %s on the path, got no such program: apt-get install radosgw ceph-mon ceph-osd"
                                .formatted(program));
            }
        }
        var radosgw = new Radosgw(Files.createTempDirectory("cairn-radosgw"));
        try {
            Runtime.getRuntime().addShutdownHook(radosgw.atExit);
            radosgw.start(accessKey, secretKey);
            return radosgw;
        } catch (IOException | InterruptedException | RuntimeException | Error failure) {
            radosgw.close();
            throw failure;
        }
    }

    private static RuntimeException absent(String reason) {
        if ("required".equals(System.getenv("CAIRN_CLIENTS"))) {
            throw new AssertionError(reason);
        }
        System.out.println("skipped: " + reason);
        return new TestAbortedException(reason);
    }

    private static boolean isOnPath(String program) {
        for (String folder : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /// Where it answers. Buckets stand in the path; the region is [#REGION].
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + gatewayPort);
    }

    /// Runs `radosgw-admin`, such as with `role create`, and its options.
    ///
    /// @throws AssertionError when it fails
    public void administer(String... words) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("radosgw-admin"));
        all.addAll(List.of(words));
        run(all.toArray(String[]::new));
    }

    /// Its ops log: a line for each call that names a bucket, a moment after its answer.
    public Path opsLog() {
        return folder.resolve("ops.log");
    }

    private void start(String accessKey, String secretKey)
            throws IOException, InterruptedException {
        int monitorPort = Ports.free();
        var cluster = UUID.randomUUID().toString();
        Files.writeString(folder.resolve("ceph.conf"), configuration(cluster, monitorPort));
        for (String each : List.of("mon", "osd", "rgw", "crash")) {
            Files.createDirectory(folder.resolve(each));
        }
        Files.createFile(folder.resolve("keyring"));
        var map = folder.resolve("monmap").toString();
        var address = "[v2:127.0.0.1:%d]".formatted(monitorPort);
        run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", address, map);
        run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
        daemon("ceph-mon", "-i", "a", "-f");
        var store = UUID.randomUUID().toString();
        run("ceph", "--connect-timeout", seconds(), "osd", "new", store);
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store);
        daemon("ceph-osd", "-i", "0", "-f");
        var gateway = daemon("radosgw", "-n", "client.rgw", "-f");
        awaitAnswer(gateway);
        run(
                "radosgw-admin",
                "user",
                "create",
                "--uid=cairn",
                "--display-name=Cairn",
                "--access-key=" + accessKey,
                "--secret=" + secretKey);
    }

    /// One copy of everything, nobody to authenticate, and a monitor that does not gather proposals
    /// for a second before it decides.
    private String configuration(String cluster, int monitorPort) {
        return """
        [global]
        fsid = %1$s
        mon_host = v2:127.0.0.1:%2$d
        mon_initial_members = a
        public_addr = 127.0.0.1
        cluster_addr = 127.0.0.1
        auth_cluster_required = none
        auth_service_required = none
        auth_client_required = none
        ms_cluster_mode = crc
        ms_service_mode = crc
        ms_client_mode = crc
        ms_mon_cluster_mode = crc
        ms_mon_service_mode = crc
        ms_mon_client_mode = crc
        paxos_propose_interval = 0.02
        paxos_min_wait = 0.01
        osd_pool_default_size = 1
        osd_pool_default_min_size = 1
        osd_pool_default_pg_num = 1
        osd_pool_default_pg_autoscale_mode = off
        osd_crush_chooseleaf_type = 0
        mon_allow_pool_size_one = true
        mon_max_pg_per_osd = 1000
        mon_data_avail_crit = 1
        mon_data_avail_warn = 1
        osd_objectstore = memstore
        memstore_device_bytes = 1073741824
        mon_data = %3$s/mon
        osd_data = %3$s/osd
        rgw_data = %3$s/rgw
        crash_dir = %3$s/crash
        run_dir = %3$s
        admin_socket = %3$s/$name.asok
        pid_file = %3$s/$name.pid
        log_file = %3$s/$name.log
        keyring = %3$s/keyring
        rgw_frontends = beast endpoint=127.0.0.1:%4$d
        rgw_rados_pool_pg_num_min = 1
        rgw_s3_auth_use_sts = true
        rgw_sts_key = 0123456789abcdef
        rgw_enable_ops_log = true
        rgw_ops_log_rados = false
        rgw_ops_log_file_path = %3$s/ops.log
        rgw_log_nonexistent_bucket = true
        rgw_crypt_require_ssl = false
        rgw_crypt_s3_kms_backend = testing
        rgw_crypt_s3_kms_encryption_keys = %5$s=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
        """
                .formatted(cluster, monitorPort, folder, gatewayPort, KMS_KEY);
    }

    private Process daemon(String... words) throws IOException {
        Process daemon =
                builder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(words[0] + ".out").toFile())
                        .start();
        daemons.push(daemon);
        return daemon;
    }

    private void run(String... words) throws IOException, InterruptedException {
        Path said = folder.resolve("said");
        Process process =
                builder(words).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        if (!process.waitFor(STEP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(
                    "expected %s to succeed within %s, got exit code %d: %s"
                            .formatted(
                                    List.of(words),
                                    STEP_MAX,
                                    process.exitValue(),
                                    Files.readString(said, StandardCharsets.UTF_8)));
        }
    }

    private ProcessBuilder builder(String... words) {
        var all = new ArrayList<>(List.of(words));
        if (!words[0].equals("monmaptool")) {
            all.addAll(1, List.of("-c", folder.resolve("ceph.conf").toString()));
        }
        var builder = new ProcessBuilder(all).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CEPH_"));
        return builder;
    }

    private void awaitAnswer(Process gateway) throws IOException {
        long end = System.nanoTime() + STEP_MAX.toNanos();
        while (!answers()) {
            if (!gateway.isAlive() || System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "expected radosgw to answer within %s, got: %s"
                                .formatted(
                                        STEP_MAX, Files.readString(folder.resolve("radosgw.out"))));
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /// It listens when it is ready to answer, not before.
    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), gatewayPort), 1000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static String seconds() {
        return Long.toString(STEP_MAX.toSeconds());
    }

    private void kill() {
        daemons.forEach(Process::destroyForcibly);
    }

    /// Stops it and removes all it held.
    @Override
    public void close() {
        // Nothing of it is wanted: no need to ask politely.
        kill();
        try {
            for (Process daemon : daemons) {
                if (!daemon.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError(
                            "expected process %d to end within %s of SIGKILL"
                                    .formatted(daemon.pid(), STOP_MAX));
                }
            }
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
