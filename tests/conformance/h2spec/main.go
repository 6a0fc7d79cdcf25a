// Runs h2spec, the conformance suite of HTTP/2 servers, against a gRPC server.
//
// h2spec asks by GET, without the headers and the message of gRPC. ../h2spec.ts changes that in a copy of its package spec
// when it builds this program, which only hands over what is on the command line.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/summerwind/h2spec"
	"github.com/summerwind/h2spec/config"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address of the server")
	port := flag.Int("port", 0, "port of the server")
	path := flag.String("path", "/grpc.health.v1.Health/Check", "method that is called")
	report := flag.String("report", "", "file for the JUnit report")
	section := flag.String("section", "", "the one section that is run; empty for all")
	timeout := flag.Duration("timeout", 2*time.Second, "longest wait of one case")
	flag.Parse()

	var sections []string
	if *section != "" {
		sections = []string{*section}
	}
	_, err := h2spec.Run(&config.Config{
		Sections:     sections,
		Host:         *host,
		Port:         *port,
		Path:         *path,
		Timeout:      *timeout,
		MaxHeaderLen: 4000,
		JUnitReport:  *report,
		Strict:       true,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
