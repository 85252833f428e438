# Is this a bench.json of schema 1, as docs/measuring.md has it? Nothing but null or what is wrong.
# Fields that the document does not have are errors here: document them.

def fields($required; $optional):
	(($required - keys) | map("\(.) is missing")) + ((keys - $required - $optional) | map("\(.) is not documented"));
def named($where): map("\($where): \(.)");
def count: type == "number" and . >= 0 and . == floor;
def figure: type == "number" and . >= 0;
# What two runs differ by: what hardly ever happens may come out a little below nothing.
def difference: type == "number" and . > -0.1;
def hex($digits): type == "string" and test("^[0-9a-f]{\($digits)}$");
def is($where; condition): if condition then [] else ["\($where) is not what it should be: \(tojson[:60])"] end;

def exact_figures: ["instructions", "taken_branches", "l1i_misses", "l1d_misses", "itlb_misses"];
def percentiles: ["p50", "p90", "p99", "p999"];
def figures($where; condition): (fields(exact_figures; ["name", "by"]) | named($where)) +
	([.[exact_figures[]]] | map(is($where; condition)) | add);
def latency($where; $names): (fields($names; []) | named($where)) + (map(is($where; count)) | add // []);
def by($where; condition): map(figures($where; condition) + (.name | is("\($where).name"; IN("kernel", "libc", "app", "libraries", "user", "other")))) | add // [];
def loop($where): if has("invalid") then [] else
	(fields(["requests", "failed", "latency_ns"]; ["throughput_rps", "rate_rps"]) | named($where)) + (.latency_ns | latency($where; percentiles)) end;

def exact_run: if has("invalid") then [] else figures("runs.exact"; figure) + (.by | by("runs.exact.by"; figure)) end;
def boot_run: if has("invalid") then [] else fields(["instructions", "waiting_instructions"]; []) | named("runs.boot") end;
def wall_run: if has("invalid") then [] else
	(fields(["boot_ms", "memory_peak_bytes", "closed", "open"]; []) | named("runs.wall")) +
	(.closed | loop("closed")) + (.open | loop("open")) end;
def icount: if has("reason") then [] else
	(fields(["requests", "per_request", "by", "latency_ns", "client_sha256", "sha256"]; []) | named("icount")) +
	(.per_request | figures("icount"; difference)) + (.by | by("icount.by"; difference)) + (.latency_ns | latency("icount"; ["p50", "p90", "p99"])) +
	(.sha256 | is("icount.sha256"; hex(64))) end;
def conditions: (fields(["accelerator", "qemu", "cpu", "host_cpu", "host_cpus", "machine", "memory", "vmm_arguments", "load"];
	["models", "rate_rps"]) | named("conditions")) +
	(.load | fields(["name", "sha256", "requests", "warmup", "seed"]; []) | named("conditions.load"));

fields(["schema", "app", "generation", "subject", "image_sha256", "complete", "session", "sessions", "accelerator", "emulated",
	"conditions", "requests", "size", "runs"];
	["per_request", "per_request_by", "boot", "latency_ns", "closed_latency_ns", "throughput_rps", "failed_requests",
	"memory_peak_bytes", "memory_min_bytes", "icount", "not_measured"])
+ (.schema | is("schema"; . == 1)) + (.app | is("app"; type == "string" and . != ""))
+ (.generation | is("generation"; . == null or count)) + (.image_sha256 | is("image_sha256"; hex(64)))
+ (.session | is("session"; hex(16))) + (.sessions | fields(["exact", "boot", "wall"]; []) | named("sessions")) + (.complete | is("complete"; type == "boolean"))
+ (.requests | is("requests"; count)) + (.conditions | conditions)
+ (if .per_request then .per_request | figures("per_request"; figure) else [] end)
+ (.per_request_by // [] | by("per_request_by"; figure))
+ (if .latency_ns then .latency_ns | latency("latency_ns"; percentiles) else [] end)
+ (if .closed_latency_ns then .closed_latency_ns | latency("closed_latency_ns"; percentiles) else [] end)
+ (.size | map(fields(["name", "bytes"]; []) + (.bytes | is("size"; count))) | add)
+ (.runs | fields(["exact", "boot", "wall"]; []) | named("runs"))
+ (.runs.exact | map(exact_run) | add // []) + (.runs.boot | map(boot_run) | add // []) + (.runs.wall | map(wall_run) | add // [])
+ (if .icount then .icount | icount else [] end)
| if . == [] then null else . end
