package market

import (
	"fmt"
	"path"
	"strings"

	"github.com/etal-cloud/etal/market/marketpb"
)

// Validate checks a job before it is sent anywhere. The image may be a
// reference or a path; on the wire it is a digest.
func (j Job) Validate() error {
	if j.Image == "" {
		return fmt.Errorf("%w job: no image", ErrInvalid)
	}
	if len(j.Image) > 4096 || strings.IndexByte(j.Image, 0) >= 0 {
		return fmt.Errorf("%w job: the image's name is too long or has a NUL byte", ErrInvalid)
	}
	if j.Restart != "" && j.Restart != RestartNever && j.Restart != RestartOnFailure {
		return fmt.Errorf("%w job: unknown restart policy %.20q", ErrInvalid, j.Restart)
	}
	for _, list := range [][]Transfer{j.Inputs, j.Outputs} {
		for _, t := range list {
			if len(t.Path) < 2 || t.Path[0] != '/' || path.Clean(t.Path) != t.Path {
				return fmt.Errorf("%w job: %.100q must be an absolute path inside the job, such as /in", ErrInvalid, t.Path)
			}
		}
	}
	m := j.Proto(0)
	m.Image = "sha256:" + strings.Repeat("0", 64) // what the reference names is not known yet
	if err := m.Validate(); err != nil {
		return err
	}
	return j.Request.WithDefaults().Validate()
}

// Proto returns what a provider is told of the job, as the given epoch of its
// allocation. Image must be a digest by now.
func (j Job) Proto(epoch uint64) *marketpb.JobSpec {
	m := &marketpb.JobSpec{
		Name: j.Name, Image: j.Image, Command: j.Command, Args: j.Args, Env: j.Env, WorkDir: j.WorkDir,
		LogLimit: j.LogLimit, Epoch: epoch,
	}
	for _, t := range j.Inputs {
		m.Inputs = append(m.Inputs, t.Path)
	}
	for _, t := range j.Outputs {
		m.Outputs = append(m.Outputs, t.Path)
	}
	return m
}

// DecodeJob checks a message and returns the job and its epoch. Local paths,
// restart policy and request stayed with the renter.
func DecodeJob(m *marketpb.JobSpec) (Job, uint64, error) {
	if err := m.Validate(); err != nil {
		return Job{}, 0, err
	}
	j := Job{
		Name: m.Name, Image: m.Image, Command: m.Command, Args: m.Args, Env: m.Env, WorkDir: m.WorkDir, LogLimit: m.LogLimit,
	}
	for _, p := range m.Inputs {
		j.Inputs = append(j.Inputs, Transfer{Path: p})
	}
	for _, p := range m.Outputs {
		j.Outputs = append(j.Outputs, Transfer{Path: p})
	}
	return j, m.Epoch, nil
}
