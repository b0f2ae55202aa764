// ffi.go - what ffi.c measures, in Go
package main

// #cgo LDFLAGS: -ltunnel
// #include <time.h>
// #include <tunnel.h>
import "C"

import (
	"bytes"
	"fmt"
	"unsafe"
)

const block = 16384

// clock gives the seconds of this process.
func clock() float64 {
	return float64(C.clock()) / 1e6
}

// spent gives the seconds that one round takes.
func spent(work func(rounds int)) float64 {
	for rounds := 2; ; rounds *= 2 {
		began := clock()
		work(rounds)
		if seconds := clock() - began; seconds >= 0.2 {
			return seconds / float64(rounds)
		}
	}
}

func main() {
	client, pump := C.tunnel_client_new(nil), C.tunnel_pump_new(nil, 65536, 65536)
	data, out := bytes.Repeat([]byte("x"), block), make([]byte, block)
	var n C.size_t
	call := spent(func(rounds int) {
		for i := 0; i < rounds; i++ {
			C.tunnel_client_flags(client)
		}
	})
	through := spent(func(rounds int) {
		for i := 0; i < rounds; i++ {
			C.tunnel_pump_put(pump, 0, unsafe.Pointer(&data[0]), block, &n)
			C.tunnel_pump_take(pump, 0, unsafe.Pointer(&out[0]), block, &n)
		}
	})
	if !bytes.Equal(data, out) {
		panic("not the same")
	}
	fmt.Printf("%.3f %.1f\n", call*1e9, block/through/1e6)
}
