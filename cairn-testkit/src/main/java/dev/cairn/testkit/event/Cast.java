package dev.cairn.testkit.event;

import java.util.List;
import java.util.SplittableRandom;

/// Who and what there is in one account: its people, roles, applications and resources, all told by
/// the seed, so that the same ones turn up again and again.
///
/// @param seed of this account
/// @param others the accounts beside this one
/// @param people how many IAM users and people with roles it has, at most as many as there are
///   names
record Cast(long seed, String account, List<String> others, int people) {
    static final List<String> PEOPLE =
            List.of(
                    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan",
                    "judy", "kamal", "lena", "mallory", "niaj", "olivia", "peggy", "quentin",
                    "rupert", "sybil", "trent", "ursula", "victor", "wendy", "xin", "yara", "zoe");

    private static final List<String> APPS =
            List.of(
                    "orders",
                    "billing",
                    "catalog",
                    "search",
                    "checkout",
                    "inventory",
                    "reports",
                    "mailer",
                    "login",
                    "gateway",
                    "images",
                    "pricing");

    private static final List<String> TEAMS =
            List.of("payments", "platform", "data", "web", "security", "mobile");

    private static final List<String> PARTS =
            List.of("api", "worker", "events", "cache", "users", "audit", "export");

    private static final String HEX = "0123456789abcdef";

    /// Few things are used much and many a little: the square of an even choice does that well
    /// enough.
    private static int few(SplittableRandom random, int count) {
        double even = random.nextDouble();
        return (int) (even * even * count);
    }

    String user(SplittableRandom random) {
        return PEOPLE.get(few(random, Math.min(people, PEOPLE.size())));
    }

    String app(SplittableRandom random) {
        return APPS.get(few(random, APPS.size()));
    }

    String team(SplittableRandom random) {
        return TEAMS.get(random.nextInt(TEAMS.size()));
    }

    String part(SplittableRandom random) {
        return PARTS.get(random.nextInt(PARTS.size()));
    }

    String role(SplittableRandom random) {
        return app(random) + "-" + part(random) + "-role";
    }

    String session(SplittableRandom random) {
        return random.nextInt(3) == 0 ? user(random) : "session-" + (1000 + random.nextInt(9000));
    }

    String bucket(SplittableRandom random, String region) {
        return "example-"
                + app(random)
                + "-"
                + part(random)
                + "-"
                + account.substring(account.length() - 6)
                + "-"
                + region;
    }

    String otherAccount(SplittableRandom random) {
        return others.isEmpty() ? "999988887777" : others.get(random.nextInt(others.size()));
    }

    /// An address from the ranges kept for documentation (RFC 5737) and one of AWS's.
    String publicIp(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> "203.0.113." + (1 + few(random, 250));
            case 1 -> "198.51.100." + (1 + few(random, 250));
            default -> "192.0.2." + (1 + few(random, 250));
        };
    }

    /// One of `count` ids of this kind in the region.
    String hexId(String prefix, int count, SplittableRandom random, String region) {
        long which =
                mix(mix(seed, prefix.hashCode()), region.hashCode() + 31L * few(random, count));
        return prefix + "0" + id(HEX, 16, which);
    }

    String uuid(int count, SplittableRandom random, String region) {
        long which = mix(seed, region.hashCode() + 31L * few(random, count));
        return uuid(mix(which, 1), mix(which, 2));
    }

    static String uuid(long high, long low) {
        String digits = id(HEX, 16, high) + id(HEX, 16, low);
        return digits.substring(0, 8)
                + "-"
                + digits.substring(8, 12)
                + "-4"
                + digits.substring(13, 16)
                + "-"
                + "89ab".charAt((int) (low & 3))
                + digits.substring(17, 20)
                + "-"
                + digits.substring(20);
    }

    /// Signs of an alphabet of 16 or 32, told by a number.
    static String id(String alphabet, int signs, long number) {
        int bits = alphabet.length() == 16 ? 4 : 5;
        int mask = alphabet.length() - 1;
        char[] text = new char[signs];
        long left = number;
        for (int i = 0; i < signs; i++) {
            if (i * bits % 60 == 0 && i > 0) {
                left = mix(number, i);
            }
            text[i] = alphabet.charAt((int) (left & mask));
            left >>>= bits;
        }
        return new String(text);
    }

    /// SplitMix64's finisher over both.
    static long mix(long a, long b) {
        long z = a * 0x9e37_79b9_7f4a_7c15L + b;
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
