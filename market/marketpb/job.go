package marketpb

import "strings"

// Validate checks a blob's digest and size.
func (m *Blob) Validate() error {
	if m == nil {
		return missing("blob")
	}
	c := check{of: "blob"}
	c.digest("digest", m.Digest)
	c.inRange("size", m.Size, 0, MaxBlobBytes)
	c.text("media_type", m.MediaType, 128)
	return c.err
}

// Validate checks the form of a job: its image is a digest, its paths are
// absolute and clean, and all of its strings together are at most MaxSpecBytes.
func (m *JobSpec) Validate() error {
	if m == nil {
		return missing("job")
	}
	c := check{of: "job"}
	c.word("name", m.Name, 0, MaxNameBytes)
	c.digest("image", m.Image)
	total := len(m.WorkDir)
	list := func(field string, words []string, hi int, rule func(field, s string)) {
		c.count(field, len(words), 0, hi)
		for _, w := range words {
			if c.err != nil {
				return
			}
			total += len(w)
			rule(field, w)
		}
	}
	argument := func(field, s string) { c.argument(field, s, MaxSpecBytes) }
	list("command", m.Command, MaxWords, argument)
	list("args", m.Args, MaxWords, argument)
	list("env", m.Env, MaxWords, func(field, s string) {
		argument(field, s)
		c.that(strings.IndexByte(s, '=') > 0, field, "is not KEY=VALUE")
	})
	if m.WorkDir != "/" && m.WorkDir != "" {
		c.absPath("work_dir", m.WorkDir)
	}
	list("inputs", m.Inputs, MaxTransfers, c.absPath)
	list("outputs", m.Outputs, MaxTransfers, c.absPath)
	c.that(total <= MaxSpecBytes, "strings", "have %d bytes together, want at most %d", total, MaxSpecBytes)
	self := func(s string) string { return s }
	c.that(unique(m.Inputs, self), "inputs", "repeats a path")
	c.that(unique(m.Outputs, self), "outputs", "repeats a path")
	c.inRange("log_limit", m.LogLimit, 0, MaxLogLimit)
	return c.err
}

// Validate checks the job and the blobs of its image, none of them twice.
func (m *JobStart) Validate() error {
	if m == nil {
		return missing("job start")
	}
	c := check{of: "job start"}
	c.size("lease", m.Lease, 32)
	c.part("spec", m.Spec)
	c.count("blobs", len(m.Blobs), 0, MaxBlobs)
	if c.err != nil {
		return c.err
	}
	for _, b := range m.Blobs {
		c.part("blobs", b)
	}
	c.that(unique(m.Blobs, (*Blob).GetDigest), "blobs", "repeats one")
	return c.err
}

// Validate checks the digests, none of them twice.
func (m *JobNeed) Validate() error {
	if m == nil {
		return missing("job need")
	}
	c := check{of: "job need"}
	c.count("digests", len(m.Digests), 0, MaxBlobs)
	if c.err != nil {
		return c.err
	}
	for _, d := range m.Digests {
		c.digest("digests", d)
	}
	c.that(unique(m.Digests, func(s string) string { return s }), "digests", "repeats one")
	return c.err
}

// Validate checks the range of the time.
func (m *JobStarted) Validate() error {
	if m == nil {
		return missing("job started")
	}
	c := check{of: "job started"}
	c.inRange("started_ms", m.StartedMs, 0, maxTimeMS)
	return c.err
}

// Validate checks the lease id's length.
func (m *JobRef) Validate() error {
	if m == nil {
		return missing("job reference")
	}
	c := check{of: "job reference"}
	c.size("lease", m.Lease, 32)
	return c.err
}

// Validate checks the grace: at most an hour.
func (m *JobStop) Validate() error {
	if m == nil {
		return missing("job stop")
	}
	c := check{of: "job stop"}
	c.size("lease", m.Lease, 32)
	c.inRange("grace_ms", m.GraceMs, 0, MaxGrace)
	return c.err
}

// Validate checks the ranges of a status. The state is a word that the reader
// may not know.
func (m *JobStatus) Validate() error {
	if m == nil {
		return missing("job status")
	}
	c := check{of: "job status"}
	c.word("state", m.State, 1, 16)
	c.inRange("started_ms", m.StartedMs, 0, maxTimeMS)
	c.inRange("exited_ms", m.ExitedMs, 0, maxTimeMS)
	c.inRange("delivered_ms", m.DeliveredMs, 0, maxDurationMS)
	c.inRange("code", int64(m.Code), 0, 255)
	c.text("reason", m.Reason, MaxTextBytes)
	c.inRange("egress_bytes", m.EgressBytes, 0, maxQuantity)
	c.integer("paid_units", m.PaidUnits)
	c.inRange("now_ms", m.NowMs, 0, maxTimeMS)
	return c.err
}

// Validate checks the position to read from.
func (m *JobLogs) Validate() error {
	if m == nil {
		return missing("job logs")
	}
	c := check{of: "job logs"}
	c.size("lease", m.Lease, 32)
	c.inRange("seq", m.Seq, 0, 1<<62)
	return c.err
}

// Validate checks a piece of log: one of the two streams, or none at the end.
func (m *LogRecord) Validate() error {
	if m == nil {
		return missing("log record")
	}
	c := check{of: "log record"}
	c.inRange("seq", m.Seq, 0, 1<<62)
	c.inRange("time_ns", m.TimeNs, 0, maxTimeNS)
	c.that(m.Stream <= 2, "stream", "is %d, want 1 or 2", m.Stream)
	c.that(m.Stream != 0 || len(m.Data) == 0, "stream", "is missing")
	c.between("data", m.Data, 0, MaxLogData)
	c.inRange("dropped", m.Dropped, 0, 1<<62)
	return c.err
}

// Validate checks the path of the output asked for.
func (m *JobOutput) Validate() error {
	if m == nil {
		return missing("job output")
	}
	c := check{of: "job output"}
	c.size("lease", m.Lease, 32)
	c.absPath("path", m.Path)
	return c.err
}

// Validate checks that there is one valid call.
func (m *JobCall) Validate() error {
	if m == nil {
		return missing("job call")
	}
	c := check{of: "job call"}
	switch call := m.Call.(type) {
	case *JobCall_Start:
		c.part("start", call.Start)
	case *JobCall_Status:
		c.part("status", call.Status)
	case *JobCall_Stop:
		c.part("stop", call.Stop)
	case *JobCall_Logs:
		c.part("logs", call.Logs)
	case *JobCall_Output:
		c.part("output", call.Output)
	case *JobCall_Wait:
		c.part("wait", call.Wait)
	case *JobCall_End:
		c.part("end", call.End)
	default:
		c.fail("call", "is missing")
	}
	return c.err
}
