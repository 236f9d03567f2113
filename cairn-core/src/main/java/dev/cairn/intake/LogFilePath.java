package dev.cairn.intake;

import dev.cairn.event.EventReader.Known;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a log file's path says about its records.
public final class LogFilePath {
    /// `…/123456789012_CloudTrail_us-east-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz`
    private static final Pattern NAME =
            Pattern.compile(
                    "([^/_\\\\]{1,32})_CloudTrail(?:-\\w+)?_([\\w-]{1,32}?)_\\d{8}T\\d{4,6}Z.*");

    /// `…/AWSLogs/[o-abc/]123456789012/CloudTrail/us-east-1/2023/07/10/…`
    private static final Pattern FOLDERS =
            Pattern.compile(".*/AWSLogs/(?:o-\\w+/)?(\\d+)/CloudTrail(?:-\\w+)?/([\\w-]+)/.*");

    private LogFilePath() {}

    /// The account and region that the file's name tells, or else its folders; for records that
    /// name none themselves.
    ///
    /// @param path with `/` or `\` between folders
    public static Known known(String path) {
        String plain = "/" + path.replace('\\', '/');
        Matcher name = NAME.matcher(plain.substring(plain.lastIndexOf('/') + 1));
        if (name.matches()) {
            return Known.fallback(name.group(1), name.group(2));
        }
        Matcher folders = FOLDERS.matcher(plain);
        return folders.matches()
                ? Known.fallback(folders.group(1), folders.group(2))
                : Known.NOTHING;
    }
}
