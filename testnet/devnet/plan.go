package devnet

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
)

// MaxProviders bounds a network on one machine.
const MaxProviders = 32

// region is a made-up place; of three providers two are in the first.
func region(i int) string {
	if i%3 == 2 {
		return "de"
	}
	return "fr"
}

// plan decides names, ports and folders of a network, before anything starts.
func plan(o Options) (record, error) {
	r := record{Schema: recordSchema, Mark: rand.Text(), Binary: o.Binary}
	ports, err := freePorts(o.Providers + 3)
	if err != nil {
		return r, err
	}
	next := func() int { p := ports[0]; ports = ports[1:]; return p }

	rpc := "127.0.0.1:" + strconv.Itoa(next())
	r.RPC = "http://" + rpc
	data := filepath.Join(o.Dir, "nodes", "chain")
	r.Nodes = append(r.Nodes, member{
		Name: "chain", Role: RoleChain, Data: data, Addresses: []string{r.RPC},
		Args: []string{"devchain", "run", "--data", data, "--rpc", rpc},
	})
	r.Nodes = append(r.Nodes, o.peer("boot", RoleBootstrap, filepath.Join(o.Dir, "nodes", "boot"), next()))
	count := map[string]int{}
	for i := range o.Providers {
		reg := region(i)
		count[reg]++
		m := o.peer(reg+"-"+strconv.Itoa(count[reg]), RoleProvider, "", next())
		m.Data = filepath.Join(o.Dir, "nodes", m.Name)
		m.Args[3] = m.Data
		// Prices differ so that there is something to choose, the same each time.
		core := 20 + (i*37)%25
		m.Args = append(
			m.Args, "--region", reg, "--cpus", "4", "--memory", "2g", "--disk", "8g",
			"--price", fmt.Sprintf("core=0.%02d,memory=0.05,disk=0.001,egress=0.01", core),
		)
		r.Nodes = append(r.Nodes, m)
	}
	r.Nodes = append(r.Nodes, o.peer("renter", RoleRenter, filepath.Join(o.Dir, "node"), next()))
	return r, nil
}

// peer plans a node that speaks to others on a port of the loopback interface.
func (o Options) peer(name string, role Role, data string, port int) member {
	p := strconv.Itoa(port)
	return member{
		Name: name, Role: role, Data: data, Addresses: []string{},
		Args: []string{
			"node", "run", "--data", data, "--profile", filepath.Join(o.Dir, profileName),
			"--name", name, "--role", string(role),
			"--listen", "/ip4/127.0.0.1/tcp/" + p, "--listen", "/ip4/127.0.0.1/udp/" + p + "/quic-v1",
		},
	}
}

// freePorts finds ports that are free for TCP and for UDP. They are told apart
// by being held together; nothing keeps them once they are let go, which is why
// a node that cannot listen says so and the network is taken down again.
func freePorts(n int) ([]int, error) {
	var held []interface{ Close() error }
	defer func() {
		for _, h := range held {
			_ = h.Close()
		}
	}()
	var ports []int
	for try := 0; len(ports) < n; try++ {
		if try > 20*n {
			return nil, errors.New("find free ports: too few are free for both TCP and UDP")
		}
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find free ports: %w", err)
		}
		held = append(held, l)
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenPacket("udp4", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		held = append(held, u)
		ports = append(ports, port)
	}
	return ports, nil
}
